import type { DeploymentList, DeploymentsQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import type { Visibility } from '#fleet'
import { createBoundedCache } from '#cache'
import { keepJson, type KeptJson } from '#operation'
import { requireInstance } from '#instances'
import { unauthenticated } from '#rbac'
import { buildPage } from './build-page.ts'
import type { DeploymentDeps } from './deps.ts'
import { createVisibleCounts } from './visible-counts.ts'

const remembered = { entriesMax: 2_000, bytesMax: 32 * 1024 * 1024 }

/**
 * Lists deployments from memory: no cluster is asked, and the same page is built once for everybody with the same
 * rights until something changes. What it returns throws `unauthenticated`, `invalid-request` for a cursor of another
 * list, and `not-found` where one instance is asked for that the caller cannot see.
 */
export type ListDeployments = (
  ctx: RequestContext,
  query?: DeploymentsQuery,
) => KeptJson<DeploymentList>

export function createDeploymentList({ fleet, instances }: DeploymentDeps): ListDeployments {
  const remember = createPageMemory()
  const countVisible = createVisibleCounts(fleet)
  return (ctx, query = {}) => {
    if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
    if (query.instance !== undefined) requireInstance(ctx, { instances }, query.instance)
    const visibility = fleet.visibilityOf(ctx)
    const ids = query.instance === undefined ? fleet.instanceIds() : [query.instance]
    const visible = ids.filter((id) => visibility.seesInstance(id))
    return remember(visibility, query, fleet.versionOf(visible), () => {
      // Where AI Runway is not installed nothing is missing, whatever the cluster did not say.
      const unanswered = (id: string) => {
        const reason = visibility.unanswered(id)
        return reason !== null && instances.find(id)?.status.state === 'no-crd' ? null : reason
      }
      return keepJson<DeploymentList>(
        buildPage({ fleet, visible, visibility, query, countVisible, unanswered }),
      )
    })
  }
}

/**
 * The latest pages by who may see them and what was asked, each good for one version of the instances that they see. What is searched for
 * is hardly asked for twice, and by anybody in any number of ways: that is not kept.
 */
function createPageMemory() {
  const ids = new WeakMap<Visibility, number>()
  const pages = createBoundedCache<{ version: number; body: KeptJson<DeploymentList> }>(remembered)
  let nextId = 0
  return (
    visibility: Visibility,
    query: DeploymentsQuery,
    version: number,
    build: () => KeptJson<DeploymentList>,
  ): KeptJson<DeploymentList> => {
    const { cursor, instance, limit, namespace, q, sort, status } = query
    if (q !== undefined && q !== '') return build()
    let id = ids.get(visibility)
    if (id === undefined) ids.set(visibility, (id = nextId++))
    const key = JSON.stringify([id, instance, namespace, status, sort, limit, cursor])
    const known = pages.get(key)
    if (known?.version === version) return known.body
    const body = build()
    // With its compressed forms, which are made when somebody wants them.
    pages.set(key, { version, body }, body.bytes.byteLength * 2)
    return body
  }
}
