import { createClusterRights, type Instances } from '#clusters'
import { isCaller, type Actor, type Clock, type RequestContext } from '#context'
import type { Fleet } from './fleet.ts'

/**
 * The caller with what clusters in mode `impersonate` let them see of the namespaces that hold or may hold something for
 * them; `asked` is one that nothing may be known of yet.
 */
export type AskClusters = (
  ctx: RequestContext,
  asked?: { instance: string; namespace: string } | null,
) => Promise<Actor>

export function createAskClusters(deps: {
  instances: Pick<Instances, 'find' | 'personal' | 'reportPeople'>
  fleet: Pick<Fleet, 'namespaces' | 'knownNamespaces'>
  now: Clock
}): AskClusters {
  const { fleet, instances, now } = deps
  const clusterRights = createClusterRights({ instances, now })
  return (ctx, asked = null) => {
    const { actor } = ctx
    const granted = isCaller(actor)
      ? actor.grants.flatMap(({ namespaces }) => namespaces ?? [])
      : []
    const wanted = [...instances.personal].map((id) => {
      const named = fleet.namespaces(id).map(({ namespace }) => namespace)
      const known = fleet.knownNamespaces(id).items?.map(({ name }) => name) ?? []
      const inPath = asked?.instance === id ? [asked.namespace] : []
      return [id, [...named, ...known, ...granted, ...inPath]] as const
    })
    return clusterRights.extend(ctx, wanted)
  }
}
