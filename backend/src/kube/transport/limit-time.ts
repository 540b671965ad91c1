import { ClusterError, networkError } from '../cluster-error.ts'

export type TimeLimit = {
  signal: AbortSignal
  /** Counts from now on; with another limit from now on, if one is given. */
  restart(ms?: number | null): void
  clear(): void
  /** The error that an attempt within it failed with: a `timeout` where it ran out. */
  explain(error: unknown): ClusterError
}

/** A signal that aborts with the caller's, or when `firstMs` passed since the last restart; null sets no limit. */
export function limitTime(firstMs: number | null, outer: AbortSignal | undefined): TimeLimit {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let timedOut = false
  let ms = firstMs
  const start = () => {
    if (ms === null) return
    timer = setTimeout(() => {
      timedOut = true
      controller.abort()
    }, ms).unref()
  }
  const abort = () => controller.abort()
  if (outer?.aborted) abort()
  else outer?.addEventListener('abort', abort)
  start()
  return {
    signal: controller.signal,
    restart: (nextMs = ms) => {
      ms = nextMs
      clearTimeout(timer)
      start()
    },
    clear: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    },
    explain: (error) =>
      timedOut
        ? new ClusterError('timeout', { message: 'did not answer in time', cause: error })
        : networkError(error),
  }
}
