import { BusyError } from './busy-error.ts'

export type Turns = {
  /**
   * Runs `work` alone, after what came before it. Throws BusyError where too many wait already, and where its turn has not
   * come in time; then it never runs. `work` is told until when it may go on waiting for others.
   */
  take<T>(work: (deadline: number) => Promise<T>): Promise<T>
  /** Resolves when nothing runs or waits any more. */
  end(): Promise<void>
}

/** A bounded queue: the time that somebody waits counts from when they enter it. */
export function createTurns({ waitMs, waitersMax }: { waitMs: number; waitersMax: number }): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return {
    take(work) {
      if (waiting >= waitersMax) return Promise.reject(new BusyError('too many wait to write'))
      waiting += 1
      const deadline = performance.now() + waitMs
      let isLate = false
      const { promise: late, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => {
        isLate = true
        waiting -= 1
        reject(new BusyError('the turn to write did not come in time'))
      }, waitMs)
      const run = last.then(() => {
        // Whoever asked has been told that nothing was changed.
        if (isLate) return late
        clearTimeout(timer)
        waiting -= 1
        return work(deadline)
      })
      last = run.catch(() => undefined)
      return Promise.race([run, late])
    },
    end: async () => void (await last),
  }
}
