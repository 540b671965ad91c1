import { NamespaceName, type NamespaceList } from '@hub/shared'
import { isCaller, type RequestContext } from '#context'
import { AppError } from '#errors'
import { sleep, systemTiming, toAppError } from '#kube'
import { isAllowed, isOffered } from '#rbac'
import { requireInstance } from './get-instance.ts'
import type { InstanceDeps } from './list-instances.ts'

type ClusterNamespace = { name: string; isActive: boolean }

const firstReadMs = 2_000
const pollMs = 50

/**
 * The namespaces of an instance in which the caller may see deployments, from memory. Where the hub's credential may not
 * list them, those that the caller's grants and the credential's context name, and `complete` is false. Throws `not-found`, `no-cluster-token`,
 * `instance-not-ready` before they were read, and what the cluster's failures map to.
 */
export async function listNamespaces(
  ctx: RequestContext,
  deps: InstanceDeps,
  id: string,
): Promise<NamespaceList> {
  const { contextNamespace, status } = requireInstance(ctx, deps, id)
  const rights = isCaller(ctx.actor) ? ctx.actor.clusterRights : undefined
  const unanswered = rights?.unanswered.get(id)
  if (unanswered !== undefined) {
    const code = rights?.known.get(id) === null ? 'no-cluster-token' : 'instance-not-ready'
    throw new AppError(code, { detail: unanswered })
  }
  const { error, items: found } = await readNamespaces(ctx, deps, id)
  if (found === null && error?.kind !== 'forbidden') {
    if (error) throw toAppError(error, { instance: id })
    throw new AppError('instance-not-ready', {
      detail: `The namespaces of instance "${id}" have not been read yet. ${status.reason ?? 'Try again in a moment.'}`,
    })
  }
  return {
    items: (found ?? likelyNamespaces(ctx, contextNamespace))
      .filter(({ name }) => NamespaceName.safeParse(name).success)
      .filter(({ name }) => isAllowed(ctx, 'deployment.view', { instance: id, namespace: name }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ isActive, name }) => ({
        name,
        abilities: {
          deploy:
            isActive && isOffered(ctx, 'deployment.create', { instance: id, namespace: name }),
        },
      })),
    complete: found !== null,
  }
}

/** Waits a little where they are just being read for the first time. */
async function readNamespaces(ctx: RequestContext, { fleet, instances }: InstanceDeps, id: string) {
  for (let waitedMs = 0; waitedMs < firstReadMs; waitedMs += pollMs) {
    const known = fleet.knownNamespaces(id)
    const state = instances.find(id)?.status.state
    const isReading = state === 'ready' || state === 'degraded' || state === 'no-crd'
    if (known.items || known.error || !isReading || ctx.signal.aborted) return known
    await sleep(systemTiming, pollMs, ctx.signal)
  }
  return fleet.knownNamespaces(id)
}

function likelyNamespaces(
  { actor }: RequestContext,
  contextNamespace: string | null,
): ClusterNamespace[] {
  if (!isCaller(actor)) return []
  const granted = actor.grants.flatMap(({ namespaces }) => namespaces ?? [])
  const names = new Set(contextNamespace === null ? granted : [contextNamespace, ...granted])
  return [...names].toSorted().map((name) => ({ name, isActive: true }))
}
