import type { Clock, Job } from '#context'
import type { Database, Transaction } from '#db'

const everySeconds = 10 * 60

type Owner = (tx: Transaction, now: Date) => Promise<void>

/** Removes what has expired, each owner its own. */
export function createSweepJob(
  { db, now }: { db: Database; now: Clock },
  owners: readonly Owner[],
): Job {
  return {
    name: 'sessions.sweep',
    everySeconds,
    isLeased: true,
    failure: 'expired sessions could not be removed',
    run: ({ lease }) =>
      db.transaction(async (tx) => {
        await lease?.check(tx)
        for (const deleteExpired of owners) await deleteExpired(tx, now())
      }),
  }
}
