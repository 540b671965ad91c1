import type { Timing } from '#kube'

/** Time that stands still until it is moved. */
export function holdTime() {
  let now = 0
  let next = 1
  const due = new Map<number, { at: number; run: () => void }>()
  const timing: Timing = {
    now: () => now,
    setTimeout: (run, ms) => {
      due.set(next, { at: now + ms, run })
      return next++
    },
    clearTimeout: (timer) => void due.delete(timer as number),
    random: () => 0.5,
  }
  return {
    timing,
    timers: () => due.size,
    /** Awaited, it also lets what the timers started finish. */
    advance: (ms: number): Promise<void> => {
      const until = now + ms
      for (;;) {
        const [first] = [...due].toSorted(([, a], [, b]) => a.at - b.at)
        if (!first || first[1].at > until) break
        due.delete(first[0])
        now = first[1].at
        first[1].run()
      }
      now = until
      return new Promise<void>((resolve) => setImmediate(resolve))
    },
  }
}
