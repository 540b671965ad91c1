import { DeploymentList, type DeploymentsQuery } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import { contextOf, grant } from '../../test/contexts.ts'
import type { Fleet } from '#fleet'
import { createVisibilities } from '../fleet/visibility.ts'
import { createVisibleInstances } from '../fleet/visible-instances.ts'
import type { DeploymentDeps } from './deps.ts'
import { createDeploymentList } from './list-deployments.ts'

type State = ReturnType<Fleet['instanceState']>

const asOf = '2026-01-01T00:00:00Z'
const states: Record<string, State> = {
  away: { synced: false, reason: 'It is away.' },
  late: { synced: false, reason: 'It is late.', asOf },
  well: { synced: true, reason: null },
}

const instanceIds = Object.keys(states)
const still = { latest: () => 1, of: () => 1 }
const fleet = {
  instanceIds: () => instanceIds,
  namespaces: () => [],
  visibilityOf: createVisibilities(),
  placesVersionOf: () => 1,
  visibleInstances: createVisibleInstances({
    instanceIds: () => instanceIds,
    versions: { contents: still, places: still },
  }),
  ordered: () => [],
  instanceState: (id) => states[id]!,
} satisfies Partial<Fleet> as unknown as Fleet
const known = {
  find: (id: string) =>
    id in states ? { id, status: { state: id === 'late' ? 'no-crd' : 'ready' } } : null,
}
const build = createDeploymentList({
  fleet,
  instances: known,
} as unknown as DeploymentDeps)

const everywhere = contextOf([grant('viewer')])
const partial = (ctx: Parameters<typeof build>[0], query: DeploymentsQuery = {}) =>
  DeploymentList.parse(JSON.parse(Buffer.from(build(ctx, query).bytes).toString())).partial

/** A person whom clusters did not answer about. */
function unanswered(ids: string[]) {
  const { actor } = everywhere
  const clusterRights = {
    personal: new Set(ids),
    alone: new Set<string>(),
    known: new Map(),
    visible: new Set<string>(),
    creatable: new Set<string>(),
    updatable: new Set<string>(),
    deletable: new Set<string>(),
    unanswered: new Map(ids.map((id) => [id, `${id} did not say.`])),
  }
  return contextOf([], { actor: { ...actor, clusterRights } as typeof actor })
}

describe('a list says of which instances something may be missing', () => {
  const away = { instance: 'away', reason: 'It is away.' }
  const late = { instance: 'late', reason: 'It is late.', asOf }

  it('and since when, where it was known once', () => {
    expect(partial(everywhere)).toEqual([away, late])
  })

  it('of those that are asked for', () => {
    expect(partial(everywhere, { instance: 'late' })).toEqual([late])
    expect(partial(everywhere, { instance: 'well' })).toEqual([])
  })

  it('and not of those that the caller may not see', () => {
    const one = contextOf([grant('viewer', { instanceId: 'away' })])
    expect(partial(one)).toEqual([away])
    expect(() => partial(one, { instance: 'late' })).toThrow(/not-found/)
    expect(() => partial(everywhere, { instance: 'none' })).toThrow(/not-found/)
    expect(() => partial(contextOf(null))).toThrow(/unauthenticated/)
  })

  it('also of one that is removed while its cluster is asked', () => {
    const { find } = known
    known.find = (id) => (id === 'well' ? null : find(id))
    try {
      const well = { instance: 'well', reason: 'well did not say.' }
      expect(partial(unanswered(['well']))).toEqual([away, late, well])
    } finally {
      known.find = find
    }
  })

  it('and that the cluster did not say what the caller may see, but where there is nothing to see', () => {
    expect(partial(unanswered(['away', 'late', 'well']))).toEqual([
      { instance: 'away', reason: 'away did not say.' },
      late,
      { instance: 'well', reason: 'well did not say.' },
    ])
  })
})
