import type { Capacity, FleetHistory } from '@hub/shared'
import { createBoundedCache } from '#cache'
import type { Clock, Job, RequestContext } from '#context'
import { keepJson, type KeptJson } from '#operation'
import { unauthenticated } from '#rbac'
import type { Fleet } from './fleet.ts'
import type { Visibility } from './visibility.ts'

/** How accelerators were used recently. Throws `unauthenticated`. */
export type GetFleetHistory = (ctx: RequestContext) => KeptJson<FleetHistory>

export type FleetHistorian = { job: Job; get: GetFleetHistory }

type Sample = { used: number | null; free: number | null; total: number | null }
type Round = { at: string; byInstance: ReadonlyMap<string, Sample> }
type Series = FleetHistory['sum']

const stepSeconds = 60
const roundsMax = 6 * 60
const remembered = { entriesMax: 200, bytesMax: 32 * 1024 * 1024 }

/** Remembers, once a minute, what the summaries say; only this process does, and only while it runs. */
export function createFleetHistory({
  fleet,
  now,
}: {
  fleet: Pick<Fleet, 'capacityOf' | 'instanceIds' | 'visibilityOf'>
  now: Clock
}): FleetHistorian {
  const rounds: Round[] = []
  const ids = new WeakMap<Visibility, string>()
  const kept = createBoundedCache<{ of: Round | undefined; body: KeptJson<FleetHistory> }>(
    remembered,
  )
  let since: string | null = null
  let nextId = 0

  const takeRound = () => {
    const at = now().toISOString()
    since ??= at
    const samples = fleet.instanceIds().map((id) => [id, sample(fleet.capacityOf(id))] as const)
    rounds.push({ at, byInstance: new Map(samples) })
    if (rounds.length > roundsMax) rounds.shift()
  }

  const build = (visibility: Visibility): FleetHistory => {
    const visible = fleet.instanceIds().filter((id) => visibility.seesInstance(id))
    const sum = emptySeries()
    const instances = visible.map((id) => ({ id, ...emptySeries() }))
    for (const { at: _, byInstance } of rounds) {
      const samples = instances.map(({ id }) => byInstance.get(id) ?? unknown)
      for (const [index, each] of samples.entries()) append(instances[index]!, each)
      append(sum, sumSamples(samples))
    }
    return { since, stepSeconds, at: rounds.map(({ at }) => at), sum, instances }
  }

  return {
    job: {
      name: 'fleet.history',
      everySeconds: stepSeconds,
      firstWaitSeconds: 10,
      failure: 'the use of accelerators could not be remembered',
      run: async () => takeRound(),
    },
    get: (ctx) => {
      if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
      const visibility = fleet.visibilityOf(ctx)
      const id = ids.get(visibility) ?? String((nextId += 1))
      ids.set(visibility, id)
      const latest = rounds.at(-1)
      const key = JSON.stringify([id, fleet.instanceIds()])
      const known = kept.get(key)
      if (known?.of === latest && known) return known.body
      const body = keepJson<FleetHistory>(JSON.stringify(build(visibility)))
      kept.set(key, { of: latest, body }, body.bytes.byteLength * 2)
      return body
    },
  }
}

const unknown: Sample = { used: null, free: null, total: null }

function emptySeries(): Series {
  return { used: [], free: [], total: [] }
}

function append(to: Series, { free, total, used }: Sample): void {
  to.used.push(used)
  to.free.push(free)
  to.total.push(total)
}

/** As the map's totals: what is used or free is known where all of it is. */
function sample({ gpus }: Capacity): Sample {
  if (gpus === null) return unknown
  const total = gpus.reduce(
    (all, pool) => all + pool.allocatable + pool.reserved + pool.unavailable,
    0,
  )
  const free = gpus.reduce<number | null>(
    (all, pool) => (all === null || pool.free === null ? null : all + pool.free),
    0,
  )
  if (free === null) return { used: null, free, total }
  return { used: gpus.reduce((all, pool) => all + pool.allocatable, 0) - free, free, total }
}

function sumSamples(samples: readonly Sample[]): Sample {
  const sum = (of: keyof Sample) =>
    samples.reduce<number | null>(
      (all, { [of]: value }) => (value === null ? all : (all ?? 0) + value),
      null,
    )
  return { used: sum('used'), free: sum('free'), total: sum('total') }
}
