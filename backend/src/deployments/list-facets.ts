import { withOwner, type DeploymentFacets, type DeploymentFilter } from '@hub/shared'
import type { FindNames } from '#access'
import { isCaller, type RequestContext } from '#context'
import { requireInstance } from '#instances'
import { keepJson, type KeptJson } from '#operation'
import { unauthenticated } from '#rbac'
import { countFacets, type FacetCounts } from './count-facets.ts'
import type { DeploymentDeps } from './deps.ts'
import { createPageMemory } from './page-memory.ts'

const valuesMax = 200
/** About what one takes as JSON, whose labels are no longer than what is kept of a deployment. */
const valueBytes = 256

/**
 * The filters of lists of deployments, counted from memory as the lists are. What it returns throws
 * `unauthenticated`, and `not-found` where one instance is asked for that the caller cannot see.
 */
export type ListFacets = (
  ctx: RequestContext,
  filter: DeploymentFilter,
) => Promise<KeptJson<DeploymentFacets>>

/** The values without names, and the latest answer that was made with names. */
type Counted = {
  facets: DeploymentFacets
  answer: { names: string; body: KeptJson<DeploymentFacets> } | null
}

export function createFacetList(
  { fleet, instances }: Pick<DeploymentDeps, 'fleet' | 'instances'>,
  findNames: FindNames,
): ListFacets {
  const remember = createPageMemory<Counted>(
    ({ facets }) => Object.values(facets).flat().length * valueBytes,
  )
  return async (ctx, asked) => {
    if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
    const filter = isCaller(ctx.actor) ? withOwner(asked, ctx.actor.principal) : asked
    if (filter.instance !== undefined) requireInstance(ctx, { instances }, filter.instance)
    const visibility = fleet.visibilityOf(ctx)
    // Others are counted as well: each field is without its own filter.
    const { ids: visible, places } = fleet.visibleInstances(visibility)
    const counted = remember(visibility, filter, places, () => ({
      facets: presentFacets(countFacets({ fleet, visible, visibility, filter })),
      answer: null,
    }))
    const { owners } = counted.facets
    const found = await findNames(
      ctx,
      owners.map(({ value }) => value),
    )
    const labels = owners.map(({ value }) => found.get(value) ?? value)
    const names = labels.join('\n')
    if (counted.answer?.names !== names) {
      const named = owners.map((owner, at) => ({ ...owner, label: labels[at]! }))
      const body = keepJson<DeploymentFacets>(
        JSON.stringify({ ...counted.facets, owners: named } satisfies DeploymentFacets),
      )
      counted.answer = { names, body }
    }
    return counted.answer.body
  }
}

const gpuLabels: Readonly<Record<string, string>> = { any: 'Any GPU', none: 'No GPU' }

function presentFacets(counts: FacetCounts): DeploymentFacets {
  const list = (of: ReadonlyMap<string, number>, labels: typeof gpuLabels = {}) =>
    [...of]
      .toSorted(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1))
      .slice(0, valuesMax)
      .map(([value, count]) => ({ value, label: labels[value] ?? value, count }))
  return {
    instances: list(counts.instance),
    namespaces: list(counts.namespace),
    models: list(counts.model),
    owners: list(counts.owner),
    gpus: list(counts.gpu, gpuLabels),
    engines: list(counts.engine),
    more: Object.values(counts).some(({ size }) => size > valuesMax),
  }
}
