import { createBoundedCache } from '#cache'
import type { UserActor } from '#context'
import { isCurrent, type Change, type Database } from '#db'

import type { SessionWithUser } from './find-session.ts'

const capacity = 10_000
const concerning: ReadonlySet<Change['topic']> = new Set(['user', 'session', 'grants', 'all'])

export type CachedSession = { found: SessionWithUser; actor: UserActor }

/**
 * Sessions as the database has them: a request asks it nothing while nothing changes. What is announced drops what it
 * concerns at once; where announcements do not come through, everything is read anew.
 */
export type SessionCache = {
  read(
    id: string,
    at: { now: Date; db: Pick<Database, 'heardAt'> },
    load: () => Promise<CachedSession | null>,
  ): Promise<CachedSession | null>
  drop(id: string): void
  /** Forgets what is another since. */
  follow(change: Change): void
}

export function createSessionCache(): SessionCache {
  const entries = createBoundedCache<{ session: CachedSession; readAt: Date }>({
    entriesMax: capacity,
  })
  let drops = 0
  return {
    async read(id, { db, now }, load) {
      const entry = entries.get(id)
      if (entry && isCurrent(entry.readAt, now, db)) return entry.session
      entries.delete(id)
      const dropsBefore = drops
      const session = await load()
      // What was read while a session ended may be from before its end.
      if (!session || drops !== dropsBefore) return session
      entries.set(id, { session, readAt: now })
      return session
    },
    drop(id) {
      drops += 1
      entries.delete(id)
    },
    follow({ subject, topic }) {
      if (!concerning.has(topic)) return
      drops += 1
      if (topic === 'session') entries.delete(subject)
      else if (topic === 'all') entries.clear()
      else entries.deleteIf(({ session }) => session.actor.userId === subject)
    },
  }
}
