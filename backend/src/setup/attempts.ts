import { createBoundedCache } from '#cache'
import { AppError } from '#errors'

const freeAttempts = 5
const waitMs = { min: 10_000, max: 15 * 60_000 }
const peopleMax = 10_000

/**
 * Slows guessing down: after five wrong answers of one person each further one doubles their wait. A code's 125 bits
 * need no help; this keeps a guesser out of the log and the audit log.
 */
export function createAttempts() {
  const failures = createBoundedCache<{ count: number; lastAt: number }>({ entriesMax: peopleMax })
  return {
    /** Throws `too-many-requests`. */
    check(person: string, now: Date): void {
      const known = failures.get(person)
      if (!known || known.count < freeAttempts) return
      const pauseMs = Math.min(waitMs.min * 2 ** (known.count - freeAttempts), waitMs.max)
      // Where the clock was set back, the wait begins anew.
      known.lastAt = Math.min(known.lastAt, now.getTime())
      const leftMs = known.lastAt + pauseMs - now.getTime()
      if (leftMs <= 0) return
      throw new AppError('too-many-requests', {
        detail: `Too many wrong codes. Try again in ${Math.ceil(leftMs / 1000)} seconds.`,
        retryAfterSeconds: leftMs / 1000,
      })
    },
    fail(person: string, now: Date): void {
      const count = (failures.get(person)?.count ?? 0) + 1
      failures.set(person, { count, lastAt: now.getTime() })
    },
    forget: (person: string) => failures.delete(person),
  }
}
