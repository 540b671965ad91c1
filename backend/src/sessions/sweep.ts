import type { Clock } from '#context'
import type { Database, Transaction } from '#db'
import type { Logger } from '#log'

const sweepIntervalMs = 10 * 60 * 1000

/** Removes what has expired, each owner its own, now and every ten minutes. Returns what stops it. */
export function startSweep(
  deps: { db: Database; now: Clock; log: Logger },
  owners: readonly ((tx: Transaction, now: Date) => Promise<void>)[],
): () => void {
  const sweep = () => {
    deps.db
      .transaction(async (tx) => {
        for (const deleteExpired of owners) await deleteExpired(tx, deps.now())
      })
      .catch((error: unknown) => deps.log.warn({ error }, 'expired sessions could not be removed'))
  }
  sweep()
  const timer = setInterval(sweep, sweepIntervalMs)
  return () => clearInterval(timer)
}
