import { NamespaceName, type NamespaceList } from '@hub/shared'
import type { RequestContext } from '#context'
import { ClusterError, isRecord, kubePath, toAppError, type KubeList, type Transport } from '#kube'
import { isAllowed } from '#rbac'
import type { Instances } from './create-instances.ts'
import { requireInstance } from './get-instance.ts'

type ClusterNamespace = { name: string; isActive: boolean }

const pageLimit = 500
const pagesMax = 20

/**
 * The namespaces of an instance in which the caller may see deployments. Where the hub's credential may not list them,
 * those that the caller's grants name, and `complete` is false. Throws `not-found` and what the cluster's failures map to.
 */
export async function listNamespaces(
  ctx: RequestContext,
  deps: { instances: Instances },
  id: string,
): Promise<NamespaceList> {
  const instance = requireInstance(ctx, deps, id)
  const found = await readNamespaces(ctx, instance.transport).catch((error: unknown) => {
    if (error instanceof ClusterError && error.kind === 'forbidden') return null
    throw toAppError(error, { instance: id })
  })
  const namespaces = found ?? namespacesOfGrants(ctx)
  return {
    items: namespaces
      .filter(({ name }) => isAllowed(ctx, 'deployment.view', { instance: id, namespace: name }))
      .map(({ isActive, name }) => ({
        name,
        abilities: {
          deploy:
            isActive && isAllowed(ctx, 'deployment.create', { instance: id, namespace: name }),
        },
      })),
    complete: found !== null,
  }
}

async function readNamespaces(
  ctx: RequestContext,
  transport: Transport,
): Promise<ClusterNamespace[]> {
  const namespaces: ClusterNamespace[] = []
  let next: string | undefined
  for (let page = 0; page < pagesMax; page += 1) {
    const { body } = await transport.request<KubeList>({
      method: 'GET',
      path: kubePath('api', 'v1', 'namespaces'),
      query: { limit: pageLimit, continue: next },
      requestId: ctx.requestId,
      signal: ctx.signal,
      isList: true,
    })
    for (const item of Array.isArray(body.items) ? body.items : []) {
      if (!isRecord(item)) continue
      const name = NamespaceName.safeParse(item.metadata?.name)
      if (!name.success) continue
      const isActive = !(isRecord(item.status) && item.status.phase === 'Terminating')
      namespaces.push({ name: name.data, isActive })
    }
    next = body.metadata?.continue
    if (!next) break
  }
  return namespaces
}

function namespacesOfGrants(ctx: RequestContext): ClusterNamespace[] {
  if (ctx.actor.type !== 'user') return []
  const names = new Set(ctx.actor.grants.flatMap(({ namespaces }) => namespaces ?? []))
  return [...names].toSorted().map((name) => ({ name, isActive: true }))
}
