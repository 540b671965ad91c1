import type { UserActor } from '#context'
import type { Change } from '#db'
import type { SessionWithUser } from './store.ts'

const capacity = 10_000
const freshMs = 1000
const concerning: ReadonlySet<Change['topic']> = new Set(['user', 'session', 'grants', 'all'])

export type CachedSession = { found: SessionWithUser; actor: UserActor }

/**
 * Sessions as the database had them a moment ago, so that a busy page asks once a second and not once a request. What is
 * announced drops what it concerns at once; if no word of it came, it is over within a second.
 */
export type SessionCache = {
  read(
    id: string,
    now: Date,
    load: () => Promise<CachedSession | null>,
  ): Promise<CachedSession | null>
  drop(id: string): void
  /** Forgets what is another since. */
  follow(change: Change): void
}

export function createSessionCache(): SessionCache {
  const entries = new Map<string, { session: CachedSession; readAt: number }>()
  let drops = 0
  return {
    async read(id, now, load) {
      const entry = entries.get(id)
      const age = entry ? now.getTime() - entry.readAt : freshMs
      if (entry && age >= 0 && age < freshMs) return entry.session
      entries.delete(id)
      const dropsBefore = drops
      const session = await load()
      // What was read while a session ended may be from before its end.
      if (!session || drops !== dropsBefore) return session
      // The oldest goes first: a map keeps the order in which its keys came.
      if (entries.size >= capacity) entries.delete(entries.keys().next().value!)
      entries.set(id, { session, readAt: now.getTime() })
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
      else {
        for (const [id, { session }] of entries) {
          if (session.actor.userId === subject) entries.delete(id)
        }
      }
    },
  }
}
