import type { Timing } from '#kube'

/**
 * Gathers for a moment before `flush` runs: as long as that took the last time, so that it takes half a core at most.
 */
export type Gathering = {
  /** `flush` runs soon, once, however often this is called. */
  schedule(): void
  cancel(): void
  /** How long it gathers now. */
  ms(): number
}

const gatherMs = { min: 2, max: 250 }

export function createGathering(timing: Timing, flush: () => void): Gathering {
  let timer: unknown = null
  let ms = gatherMs.min
  return {
    schedule: () => {
      timer ??= timing.setTimeout(() => {
        timer = null
        const startedAt = timing.now()
        flush()
        // The bytes are written in the microtasks that follow.
        setImmediate(() => {
          ms = Math.min(gatherMs.max, Math.max(gatherMs.min, timing.now() - startedAt))
        })
      }, ms)
    },
    cancel: () => {
      timing.clearTimeout(timer)
      timer = null
    },
    ms: () => ms,
  }
}
