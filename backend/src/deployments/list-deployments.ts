import {
  matchDeployments,
  withOwner,
  type DeploymentList,
  type DeploymentsQuery,
} from '@hub/shared'
import { isCaller, type RequestContext } from '#context'
import { keepJson, type KeptJson } from '#operation'
import { requireInstance } from '#instances'
import { unauthenticated } from '#rbac'
import { describePartial, findPage, writePage, type FoundPage } from './build-page.ts'
import type { DeploymentDeps } from './deps.ts'
import { createMatches } from './find-matches.ts'
import { createPageMemory } from './page-memory.ts'
import { createSyncStates } from './sync-states.ts'
import { countIn, createVisibleCounts } from './visible-counts.ts'

/**
 * Lists deployments from memory: no cluster is asked, and the same page is built once for everybody with the same
 * rights until something changes. What it returns throws `unauthenticated`, `invalid-request` for a cursor of another
 * list, and `not-found` where one instance is asked for that the caller cannot see.
 */
export type ListDeployments = (
  ctx: RequestContext,
  query?: DeploymentsQuery,
) => KeptJson<DeploymentList>

export function createDeploymentList({
  fleet,
  instances,
}: Pick<DeploymentDeps, 'fleet' | 'instances'>): ListDeployments {
  // With its compressed forms, which are made when somebody wants them, and what is known of deployments that went since.
  const remember = createPageMemory<Page>(({ kept }) => kept.bytes.byteLength * 3)
  const countVisible = createVisibleCounts(fleet)
  const findMatches = createMatches(fleet)
  const syncOf = createSyncStates(fleet)
  return (ctx, asked = {}) => {
    if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
    const query = isCaller(ctx.actor) ? withOwner(asked, ctx.actor.principal) : asked
    if (query.instance !== undefined) requireInstance(ctx, { instances }, query.instance)
    const visibility = fleet.visibilityOf(ctx)
    const { ids: visible, places, version } = fleet.visibleInstances(visibility, query.instance)
    const find = (): FoundPage => {
      if (!matchDeployments(query).isSearch) {
        return findPage({ visible, visibility, query, listed: fleet, countVisible })
      }
      const listed = findMatches(query)
      return findPage({ visible, visibility, query, listed, countVisible: countIn(listed) })
    }
    // Where AI Runway is not installed nothing is missing, whatever the cluster did not say.
    const unanswered = (id: string) => {
      const reason = visibility.unanswered(id)
      return reason !== null && instances.find(id)?.status.state === 'no-crd' ? null : reason
    }
    const { kept } = remember(visibility, query, version, (outdated) => {
      const found = outdated?.places === places ? outdated.found : find()
      const partial = describePartial({ visible, query, syncOf, unanswered })
      return { places, found, kept: keepJson<DeploymentList>(writePage(found, partial)) }
    })
    return kept
  }
}

/** What is shown, and who of a version of the places that is. */
type Page = { places: number; found: FoundPage; kept: KeptJson<DeploymentList> }
