import type { Clock } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { deleteExpired } from './store.ts'

const sweepIntervalMs = 10 * 60 * 1000

/** Removes what has expired, now and every ten minutes. Returns what stops it. */
export function startSweep(deps: { db: Database; now: Clock; log: Logger }): () => void {
  const sweep = () => {
    deps.db
      .transaction((tx) => deleteExpired(tx, deps.now()))
      .catch((error: unknown) => deps.log.warn({ error }, 'expired sessions could not be removed'))
  }
  sweep()
  const timer = setInterval(sweep, sweepIntervalMs)
  return () => clearInterval(timer)
}
