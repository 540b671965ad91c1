/** Time as a loop sees it, so that tests can hold it. */
export type Timing = {
  /** Milliseconds since some moment, for delays and ages alone: no clock that is set moves it, and it is no time of day. */
  now: () => number
  setTimeout: (callback: () => void, ms: number) => unknown
  clearTimeout: (timer: unknown) => void
  /** In [0, 1). */
  random: () => number
}

export const systemTiming: Timing = {
  now: () => performance.now(),
  // A waiting loop alone does not keep the process alive.
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  random: () => Math.random(),
}

/** Resolves after `ms`, or at once when a signal aborts; never rejects. */
export function sleep(timing: Timing, ms: number, ...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    if (signals.some((signal) => signal.aborted)) return resolve()
    const finish = () => {
      timing.clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = timing.setTimeout(finish, ms)
    for (const signal of signals) signal.addEventListener('abort', finish)
  })
}
