import type { Clock } from '#context'

/** What is under way at each target, and which of them failed lately. */
export type Targets = {
  /** Those to try, in their order: least in flight first, those that failed lately last. */
  order<T extends { key: string }>(targets: readonly T[]): T[]
  /** Counts a call until it is let go of. */
  begin(key: string): () => void
  failed(key: string): void
  answered(key: string): void
}

const restMsMin = 2_000
const restMsMax = 60_000

/** Of one hub: replicas learn by themselves. */
export function createTargets(now: Clock): Targets {
  const inFlight = new Map<string, number>()
  const broken = new Map<string, { failures: number; until: number }>()
  const isResting = (key: string) => (broken.get(key)?.until ?? 0) > now().getTime()

  return {
    order: (targets) =>
      targets
        .map((target, index) => ({
          target,
          index,
          rest: isResting(target.key) ? 1 : 0,
          load: inFlight.get(target.key) ?? 0,
        }))
        .toSorted((a, b) => a.rest - b.rest || a.load - b.load || a.index - b.index)
        .map(({ target }) => target),
    begin: (key) => {
      inFlight.set(key, (inFlight.get(key) ?? 0) + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        const left = (inFlight.get(key) ?? 1) - 1
        if (left > 0) inFlight.set(key, left)
        else inFlight.delete(key)
      }
    },
    failed: (key) => {
      // Those that were under way together are one failure.
      if (isResting(key)) return
      const failures = (broken.get(key)?.failures ?? 0) + 1
      const restMs = Math.min(restMsMax, restMsMin * 2 ** (failures - 1))
      broken.set(key, { failures, until: now().getTime() + restMs })
    },
    answered: (key) => void broken.delete(key),
  }
}
