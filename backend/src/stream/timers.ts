import type { Timing } from '#kube'

/** Timers that end together; none runs after that. */
export type Timers = {
  later(ms: number, run: () => void): unknown
  /** In the last quarter of that time: those who began together, as after a start, do not go on together. */
  within(ms: number, run: () => void): unknown
  cancel(timer: unknown): void
  end(): void
  hasEnded(): boolean
}

export function createTimers(timing: Timing): Timers {
  const timers = new Set<unknown>()
  let ended = false
  const later = (ms: number, run: () => void) => {
    const timer = timing.setTimeout(() => {
      timers.delete(timer)
      if (!ended) run()
    }, ms)
    timers.add(timer)
    return timer
  }
  return {
    later,
    within: (ms, run) => later(ms * (1 - timing.random() / 4), run),
    cancel: (timer) => {
      timing.clearTimeout(timer)
      timers.delete(timer)
    },
    end: () => {
      ended = true
      for (const timer of timers) timing.clearTimeout(timer)
      timers.clear()
    },
    hasEnded: () => ended,
  }
}
