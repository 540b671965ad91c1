import type { Fleet, FleetDeployment } from '#fleet'
import type { Timing } from '#kube'
import { scrapeModel, type ModelDeps } from '#serving'
import { contextOfHub, type OfHub } from './context-of-hub.ts'
import { createTurns } from './take-turns.ts'
import { followModel, type FollowedModel } from './follow-model.ts'

export type WatchDeps = OfHub & ModelDeps & { fleet: Pick<Fleet, 'get'>; timing: Timing }

export type MetricsWatch = {
  /** Somebody looks at it for a while. Resolves when there was one scrape at least. */
  look(deployment: FleetDeployment): Promise<FollowedModel>
  /** Asks once, whether or not somebody looks. */
  visit(deployment: FleetDeployment): Promise<void>
}

type Watched = {
  model: FollowedModel
  lookedAt: number
  isWatched: boolean
  first: Promise<void> | null
}

const everyMs = 15_000
/** So that there is something to compare soon. */
const soonMs = 5_000
/** Whoever looks asks again before. */
const lookMs = 60_000
const scrapeMs = 10_000
/** Of some 35 KB each. */
export const modelsMax = 1_000
const keptMs = 2 * 60 * 60_000
const atOnceMax = 16

/**
 * Scrapes each deployment that somebody looks at, once for all who do, by the hub's own credential. What it read is
 * kept for two hours, of those deployments that were looked at last.
 */
export function createMetricsWatch(deps: WatchDeps): MetricsWatch {
  const { ending, fleet, now, timing } = deps
  const watched = new Map<string, Watched>()
  const takeTurn = createTurns(atOnceMax)

  const find = (deployment: FleetDeployment): Watched => {
    const key = keyOf(deployment)
    const known = watched.get(key)
    const entry =
      known?.model.uid === deployment.uid
        ? known
        : { model: followModel(deployment.uid), lookedAt: 0, isWatched: false, first: null }
    watched.delete(key)
    watched.set(key, entry)
    for (const [oldest, { isWatched, lookedAt }] of watched) {
      const isOld = !isWatched && timing.now() - lookedAt > keptMs
      if (watched.size <= modelsMax && !isOld) break
      watched.delete(oldest)
    }
    return entry
  }

  const scrape = (entry: Watched, deployment: FleetDeployment) =>
    takeTurn(async () => {
      if (ending.aborted) return
      const late = new AbortController()
      const timer = timing.setTimeout(() => late.abort(), scrapeMs)
      const ctx = contextOfHub(deps, AbortSignal.any([ending, late.signal]))
      const answer = await scrapeModel(ctx, deps, deployment)
      timing.clearTimeout(timer)
      const when = { at: now().getTime(), elapsedMs: timing.now() }
      const isLate = late.signal.aborted && 'fault' in answer
      entry.model.take(isLate ? { fault: tooLate } : answer, deployment, when)
    })

  /** Goes on for as long as somebody looks and the deployment is the same. */
  const follow = async (entry: Watched, first: FleetDeployment): Promise<void> => {
    entry.isWatched = true
    await scrape(entry, first)
    const again = () => {
      const { instance, name, namespace } = first
      const current = fleet.get(instance, namespace, name)
      const isLookedAt = timing.now() - entry.lookedAt < lookMs
      if (!isLookedAt || ending.aborted || current?.uid !== entry.model.uid) {
        entry.isWatched = false
        return
      }
      void scrape(entry, current).then(() => timing.setTimeout(again, everyMs))
    }
    timing.setTimeout(again, soonMs)
  }

  return {
    look: async (deployment) => {
      const entry = find(deployment)
      entry.lookedAt = timing.now()
      if (!entry.isWatched) entry.first = follow(entry, deployment)
      await entry.first
      return entry.model
    },
    visit: async (deployment) => {
      const entry = find(deployment)
      if (!entry.isWatched) await scrape(entry, deployment)
      entry.lookedAt = Math.max(entry.lookedAt, timing.now() - lookMs)
    },
  }
}

const tooLate = `Its metrics did not come within ${scrapeMs / 1000} s.`

function keyOf({ instance, name, namespace }: FleetDeployment): string {
  return `${instance}/${namespace}/${name}`
}
