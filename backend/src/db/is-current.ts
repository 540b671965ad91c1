import type { Database } from './database.ts'

/** How long the database's change feed may be silent: longer than its poll takes, and less than the two seconds it has. */
const silentMsMax = 1_500
/** At most for so long, whatever is told: somebody may have edited the database by hand. */
const keptMsMax = 60_000

/**
 * Whether what was read then needs no second look: every change since has been told to whoever follows them, and has
 * dropped what it concerns.
 */
export function isCurrent(readAt: Date, now: Date, db: Pick<Database, 'heardAt'>): boolean {
  const ageMs = now.getTime() - readAt.getTime()
  return ageMs >= 0 && ageMs < keptMsMax && performance.now() - db.heardAt() < silentMsMax
}
