import type { KubeClient } from '../client.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { setCondition, type Condition } from './conditions.ts'
import { ownerReferenceTo, type WantedPod } from './pods.ts'
import { isReady } from './plan-rollout.ts'
import type { Provider } from './providers.ts'

type RuntimeKind = {
  apiVersion: string
  plural: string
  /** The condition that says that it serves. */
  condition: string
  toState(replicas: number, ready: number): object
}

/** What upstream's operators keep, and how each says how far it is. */
const kinds: Readonly<Record<Provider['resourceKind'], RuntimeKind>> = {
  Workspace: {
    apiVersion: 'kaito.sh/v1beta1',
    plural: 'workspaces',
    condition: 'WorkspaceSucceeded',
    toState: (replicas, ready) => ({ state: ready < replicas ? 'NotReady' : 'Ready' }),
  },
  DynamoGraphDeployment: {
    apiVersion: 'nvidia.com/v1alpha1',
    plural: 'dynamographdeployments',
    condition: 'Ready',
    toState: (replicas, ready) => ({
      state: ready < replicas ? 'deploying' : 'successful',
      services: { VllmWorker: { replicas, readyReplicas: ready } },
    }),
  },
  RayService: {
    apiVersion: 'ray.io/v1',
    plural: 'rayservices',
    condition: 'RayServiceReady',
    toState: (replicas, ready) => ({
      activeServiceStatus: {
        applicationStatuses: { llm: { status: ready < replicas ? 'DEPLOYING' : 'RUNNING' } },
      },
    }),
  },
  Deployment: {
    apiVersion: 'apps/v1',
    plural: 'deployments',
    condition: 'Available',
    toState: (replicas, ready) => ({ replicas, readyReplicas: ready, availableReplicas: ready }),
  },
}

/** What was last written of each object, by its path. */
export type WrittenObjects = Map<string, string>

/**
 * Writes what a runtime makes of a deployment, for whoever looks: its pods are made without it. Only where no controller of
 * the cluster's own would make pods of it too.
 */
export async function writeRuntimeObjects(
  { client, written }: { client: KubeClient; written: WrittenObjects },
  deployment: KubeObject,
  { resourceKind }: Provider,
  { pods, wanted }: { wanted: readonly WantedPod[]; pods: readonly KubeObject[] },
): Promise<void> {
  const { metadata, status } = deployment
  const { apiVersion, plural, ...words } = kinds[resourceKind]!
  const collection = `/apis/${apiVersion}/namespaces/${metadata.namespace}/${plural}`
  // Plain Deployments are one for each role; operators keep one object for all.
  const isParted = resourceKind === 'Deployment'
  for (const [role, ofRole] of Map.groupBy(wanted, (each) => (isParted ? each.role : ''))) {
    const name = `${metadata.name}${role}`
    const names = new Set(ofRole.map((each) => each.name))
    const ready = pods.filter((pod) => names.has(pod.metadata.name) && isReady(pod)).length
    const counts = `${metadata.uid} ${ready} of ${ofRole.length}`
    const path = `${collection}/${name}`
    // What runs when it is first seen was left so by whoever made it: ten thousands may have been loaded.
    if (!written.has(path) && status?.phase === 'Running') written.set(path, counts)
    if (written.get(path) === counts) continue
    const object = {
      apiVersion,
      kind: resourceKind,
      metadata: { name, ownerReferences: [ownerReferenceTo(deployment)] },
      spec: isParted ? toDeploymentSpec(ofRole) : {},
    }
    const found = await findOrCreate(client, collection, object)
    await client.request('PATCH', `${path}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: toStatus(words, found.status, { ready, replicas: ofRole.length }) },
    })
    written.set(path, counts)
  }
}

async function findOrCreate(
  client: KubeClient,
  collection: string,
  object: KubeObject,
): Promise<KubeObject> {
  const { body, status } = await client.raw('GET', `${collection}/${object.metadata.name}`)
  return status === 404 ? await client.request('POST', collection, { body: object }) : body
}

function toDeploymentSpec(wanted: readonly WantedPod[]): object {
  const { metadata, spec } = wanted[0]!.pod
  const { labels } = metadata
  return {
    replicas: wanted.length,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec },
  }
}

function toStatus(
  { condition, toState }: Pick<RuntimeKind, 'condition' | 'toState'>,
  before: Untyped,
  { ready, replicas }: { ready: number; replicas: number },
): object {
  const conditions: Condition[] = setCondition(before?.conditions ?? [], {
    type: condition,
    status: ready < replicas ? 'False' : 'True',
    reason: ready < replicas ? 'PodsNotReady' : 'PodsReady',
    message: `${ready} of ${replicas} pods are ready`,
  })
  return { ...toState(replicas, ready), conditions }
}
