import type { Clock } from '#context'

/** What is under way at each target, and which of them failed lately. */
export type Targets = {
  /**
   * The one to try, and its call counted until it is released: least in flight first, those that failed lately last, in
   * turn where they are alike. Choosing and counting are one step, so that calls that come together are spread too.
   */
  take<T extends Target>(targets: readonly [T, ...T[]]): T & { release: () => void }
  /** It rests, each time longer; or for so long, where who did not ask it says when to ask again. */
  failed(key: string, retryAfterMs?: number): void
  answered(key: string): void
}

type Target = { key: string }

const restMsMin = 2_000
const restMsMax = 60_000

/** Of one hub: replicas learn by themselves. */
export function createTargets(now: Clock): Targets {
  const inFlight = new Map<string, number>()
  const broken = new Map<string, { failures: number; until: number }>()
  let turn = 0
  const isResting = (key: string) => (broken.get(key)?.until ?? 0) > now().getTime()
  const begin = (key: string) => {
    inFlight.set(key, (inFlight.get(key) ?? 0) + 1)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      const left = (inFlight.get(key) ?? 1) - 1
      if (left > 0) inFlight.set(key, left)
      else inFlight.delete(key)
    }
  }

  return {
    take: (targets) => {
      turn = (turn + 1) % Number.MAX_SAFE_INTEGER
      const from = turn % targets.length
      let [best] = targets
      let least = Infinity
      for (const target of [...targets.slice(from), ...targets.slice(0, from)]) {
        const load = isResting(target.key) ? resting : (inFlight.get(target.key) ?? 0)
        if (load >= least) continue
        best = target
        least = load
      }
      return { ...best, release: begin(best.key) }
    },
    failed: (key, retryAfterMs) => {
      // Those that were under way together are one failure.
      if (isResting(key)) return
      const known = broken.get(key)?.failures ?? 0
      const failures = retryAfterMs === undefined ? known + 1 : known
      const restMs = retryAfterMs ?? restMsMin * 2 ** (failures - 1)
      broken.set(key, { failures, until: now().getTime() + Math.min(restMsMax, restMs) })
    },
    answered: (key) => void broken.delete(key),
  }
}

/** More than any can have in flight: among those that rest, the turn decides. */
const resting = Number.MAX_SAFE_INTEGER
