import { setImmediate } from 'node:timers/promises'
import { isStaleConnection } from '../cluster-error.ts'

/** Several idle connections may have been closed while the hub had no time to look. */
const staleMax = 3

/**
 * Attempts over a kept connection, which the server may have closed meanwhile: what may be repeated is attempted again,
 * and all else only once that was looked for.
 */
export async function passStale<T>(
  attempt: () => Promise<T>,
  { isRepeatable, signal }: { isRepeatable: boolean; signal: AbortSignal },
): Promise<T> {
  if (!isRepeatable) {
    await dropStale()
    return attempt()
  }
  for (let stale = 0; ; stale += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (stale === staleMax || signal.aborted || !isStaleConnection(error)) throw error
    }
    await dropStale()
  }
}

/**
 * Lets the loop read which idle connections the server has closed. The first turn ends with what it was told of at its
 * beginning, which on a busy machine is a while ago; the second one asks anew.
 */
async function dropStale(): Promise<void> {
  await setImmediate()
  await setImmediate()
}
