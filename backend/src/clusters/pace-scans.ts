import type { Timing } from '#kube'

/** Scans of all files, one at a time, however often one is asked for. */
export type Scans = {
  /** At once, or after the one that runs, together with all who ask meanwhile. */
  now(): Promise<void>
  /** Something may have changed. Scans that follow one another rest as long as they took: half the time is others'. */
  soon(): void
  /** Resolves when none runs. */
  idle(): Promise<void>
}

/** Hundreds of files written at once are one scan, not hundreds. */
const debounceMs = 50
const restMsMax = 5_000

export function createScans(options: {
  scan: () => Promise<void>
  later: (ms: number, run: () => void) => void
  now: Timing['now']
  hasStopped: () => boolean
}): Scans {
  const { hasStopped, later, scan } = options
  let running: Promise<void> | null = null
  let isAgain = false
  let isDue = false
  let restUntil = Number.NEGATIVE_INFINITY

  const run = async () => {
    do {
      isAgain = false
      const startedAt = options.now()
      await scan()
      const endedAt = options.now()
      restUntil = endedAt + Math.min(endedAt - startedAt, restMsMax)
    } while (isAgain && !hasStopped())
  }
  const now = () => {
    if (running) isAgain = true
    else running = run().finally(() => (running = null))
    return running
  }
  const wait = () =>
    later(Math.max(debounceMs, restUntil - options.now()), () => {
      if (running) return void running.then(wait)
      isDue = false
      void now()
    })

  return {
    now,
    soon: () => {
      if (isDue) return
      isDue = true
      wait()
    },
    idle: () => running ?? Promise.resolve(),
  }
}
