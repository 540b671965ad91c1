import type { KubeResource, KubeResourceList, ReadableKind, ResourcesQuery } from '@hub/shared'
import { askAsCaller, type Instances } from '#clusters'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { requireInstance } from '#instances'
import { isRecord, kubePath, type KubeList, type KubeObject, type KubePath } from '#kube'
import { authorize, isAllowed } from '#rbac'
import { maskVariables } from '../manifests/mask-variables.ts'

type Place = { instance: string; namespace: string; kind: ReadableKind }
type Deps = { instances: Instances }

/** Where the API server has each kind. */
const resources: Record<ReadableKind, { root: [string, ...string[]]; plural: string }> = {
  Pod: { root: ['api', 'v1'], plural: 'pods' },
  Event: { root: ['api', 'v1'], plural: 'events' },
  PersistentVolumeClaim: { root: ['api', 'v1'], plural: 'persistentvolumeclaims' },
  ResourceQuota: { root: ['api', 'v1'], plural: 'resourcequotas' },
  Deployment: { root: ['apis', 'apps', 'v1'], plural: 'deployments' },
  ReplicaSet: { root: ['apis', 'apps', 'v1'], plural: 'replicasets' },
  Job: { root: ['apis', 'batch', 'v1'], plural: 'jobs' },
}

/**
 * Objects of a namespace as their cluster has them, asked as the caller. Throws what `authorize` throws, and what the
 * cluster's failures map to.
 */
export async function listResources(
  ctx: RequestContext,
  deps: Deps,
  place: Place,
  { cursor, fieldSelector, labelSelector, limit }: ResourcesQuery,
): Promise<KubeResourceList> {
  const { asking, present } = open(ctx, deps, place)
  const { items, metadata } = await asking.read<KubeList>({
    path: pathOf(place),
    query: { labelSelector, fieldSelector, limit, continue: cursor },
  })
  return { items: (items ?? []).map(present), next: metadata?.continue || null }
}

/** One of them. Throws `not-found` besides. */
export async function getResource(
  ctx: RequestContext,
  deps: Deps,
  { name, ...place }: Place & { name: string },
): Promise<KubeResource> {
  const { asking, present } = open(ctx, deps, place)
  const found = await asking.find(pathOf(place, name))
  if (found) return present(found)
  const { instance, kind, namespace } = place
  throw new AppError('not-found', {
    detail: `There is no ${kind} "${name}" in namespace "${namespace}" of instance "${instance}".`,
  })
}

function open(ctx: RequestContext, deps: Deps, { instance, kind, namespace }: Place) {
  authorize(ctx, 'deployment.view', { instance, namespace })
  const cluster = requireInstance(ctx, deps, instance)
  const mayReadVariables = isAllowed(ctx, 'deployment.update', { instance, namespace })
  return {
    asking: askAsCaller(ctx, cluster, { namespace, isChange: false }),
    present: (object: KubeObject): KubeResource => {
      // Items of a list do not say what they are.
      const stripped = withoutBookkeeping({ kind, ...object })
      return mayReadVariables ? stripped : maskVariables(stripped)
    },
  }
}

function pathOf({ kind, namespace }: Place, name?: string): KubePath {
  const { plural, root } = resources[kind]
  return kubePath(...root, 'namespaces', namespace, plural, ...(name === undefined ? [] : [name]))
}

/** Who manages which field, and the copy that kubectl keeps, which holds what is masked. */
function withoutBookkeeping(object: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata }
  delete metadata['managedFields']
  if (isRecord(metadata['annotations'])) {
    const annotations = { ...metadata['annotations'] }
    delete annotations['kubectl.kubernetes.io/last-applied-configuration']
    metadata['annotations'] = annotations
  }
  return { ...object, metadata }
}
