import { ClusterError, connectionKinds } from '../cluster-error.ts'
import type { Timing } from '../timing.ts'

/** Stops asking a cluster that does not answer, and finds out with one request at a time whether it does again. */
export type Breaker = {
  /**
   * Runs an attempt. While the breaker is open it throws the last failure's kind at once, unless the attempt is the one
   * that finds out: a due one, or `mayTry`, for whom that is the job. A failure that `isElsewhere` says nothing of the
   * cluster.
   */
  run<T>(
    attempt: () => Promise<T>,
    options?: { mayTry?: boolean; isElsewhere?: (error: unknown) => boolean },
  ): Promise<T>
}

const failuresMax = 5
const withinMs = 30_000
const delayMinMs = 1_000
const delayMaxMs = 30_000

export function createBreaker(timing: Pick<Timing, 'now' | 'random'>): Breaker {
  let failures: number[] = []
  let openings = 0
  let openUntil = 0
  /** Null while closed. */
  let reason: ClusterError | null = null
  let isTrying = false

  const open = (error: ClusterError) => {
    openings += 1
    const ceiling = Math.min(delayMaxMs, delayMinMs * 2 ** openings)
    openUntil = timing.now() + delayMinMs + timing.random() * (ceiling - delayMinMs)
    reason = error
    failures = []
  }

  const close = () => {
    openings = 0
    reason = null
    failures = []
  }

  const refuse = (last: ClusterError): ClusterError =>
    new ClusterError(last.kind, {
      message: last.message,
      retryAfterSeconds: Math.max(1, Math.ceil((openUntil - timing.now()) / 1000)),
      cause: last,
    })

  const judge = (error: unknown, wasTrying: boolean) => {
    if (!(error instanceof ClusterError)) return
    if (error.status !== null) return close()
    if (!connectionKinds.has(error.kind)) return
    if (wasTrying) return open(error)
    // A request that began before it opened has nothing new to say.
    if (reason) return
    const at = timing.now()
    failures = [...failures.filter((failedAt) => at - failedAt < withinMs), at]
    if (failures.length >= failuresMax) open(error)
  }

  return {
    run: async (attempt, { isElsewhere = () => false, mayTry = false } = {}) => {
      const isTrial = reason !== null
      if (reason && (isTrying || (!mayTry && timing.now() < openUntil))) throw refuse(reason)
      if (isTrial) isTrying = true
      try {
        const result = await attempt()
        close()
        return result
      } catch (error) {
        if (!isElsewhere(error)) judge(error, isTrial)
        throw error
      } finally {
        if (isTrial) isTrying = false
      }
    },
  }
}
