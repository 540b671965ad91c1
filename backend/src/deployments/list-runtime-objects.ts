import type { RuntimeObject, RuntimeObjects } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { readConditions, readRecord } from '#fleet'
import { clip, kubePath, type KubeObject, type KubePath } from '#kube'
import { writeYaml } from '#yaml'
import { readPointer } from './changes/read-pointer.ts'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { deploymentNotFound } from './get.ts'
import { openDeployments } from './open-deployments.ts'

type Kind = { apiVersion: `${string}/${string}`; plural: string }

/** What AI Runway's runtimes make of a deployment. */
const kinds: Readonly<Record<string, Kind>> = {
  Workspace: { apiVersion: 'kaito.sh/v1beta1', plural: 'workspaces' },
  DynamoGraphDeployment: { apiVersion: 'nvidia.com/v1alpha1', plural: 'dynamographdeployments' },
  RayService: { apiVersion: 'ray.io/v1', plural: 'rayservices' },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments' },
}

const statusLengthMax = 16_384

/**
 * The objects that a deployment's runtime made of it, asked of the cluster as the caller: what the deployment's status
 * names, without its spec. Throws what `openDeployments` throws, `not-found`, and what the cluster's failures map to; that
 * the cluster refuses them is a reason.
 */
export async function listRuntimeObjects(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): Promise<RuntimeObjects> {
  const { find, get } = openDeployments(ctx, deps, 'deployment.view', at)
  const deployment = await get(at.name)
  if (!deployment) throw deploymentNotFound(at)
  const named = readPointer(deployment, '/status/provider/resourceKind')
  const name = readPointer(deployment, '/status/provider/resourceName')
  if (typeof named !== 'string' || typeof name !== 'string') {
    return { items: [], reason: 'Its runtime has not made anything of it yet.' }
  }
  const kind = Object.hasOwn(kinds, named) ? kinds[named] : undefined
  if (!kind) {
    return {
      items: [],
      reason: `Its runtime made ${named} "${name}" of it, a kind that the hub does not read: ask kubectl for it.`,
    }
  }
  const mode = readPointer(deployment, '/spec/serving/mode')
  const isParted = named === 'Deployment' && mode === 'disaggregated'
  // llm-d makes two, and names neither.
  const names = isParted ? [`${name}-prefill`, `${name}-decode`] : [name]
  try {
    const found = await Promise.all(names.map((each) => find(pathOf(kind, at.namespace, each))))
    const items = found.flatMap((object) => (object ? [present(named, kind, object)] : []))
    const missing = names.filter((_, index) => !found[index])
    const reason = `The cluster has no ${named} ${missing.map((each) => `"${each}"`).join(' and ')}.`
    return { items, reason: missing.length === 0 ? null : reason }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'instance-forbidden') throw error
    return { items: [], reason: error.detail }
  }
}

function pathOf({ apiVersion, plural }: Kind, namespace: string, name: string): KubePath {
  const [group, version] = apiVersion.split('/')
  return kubePath('apis', group!, version!, 'namespaces', namespace, plural, name)
}

function present(kind: string, { apiVersion }: Kind, object: KubeObject): RuntimeObject {
  const { creationTimestamp, deletionTimestamp, name } = readRecord(object.metadata)
  const { conditions, ...status } = readRecord(object.status)
  const text = Object.keys(status).length === 0 ? null : writeYaml(status)
  return {
    kind,
    apiVersion,
    name: String(name),
    createdAt: typeof creationTimestamp === 'string' ? creationTimestamp : null,
    deletingSince: typeof deletionTimestamp === 'string' ? deletionTimestamp : null,
    conditions: readConditions(conditions),
    status:
      text !== null && text.length > statusLengthMax ? `${clip(text, statusLengthMax)}…` : text,
  }
}
