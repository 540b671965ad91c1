import type { UserActor } from '#context'
import type { SessionWithUser } from './store.ts'

const capacity = 10_000
const freshMs = 1000

export type CachedSession = { found: SessionWithUser; actor: UserActor }

/**
 * Sessions as the database had them a moment ago, so that a busy page asks once a second and not once a request. What
 * ends a session here drops it at once; other replicas see it within a second.
 */
export type SessionCache = {
  read(
    id: string,
    now: Date,
    load: () => Promise<CachedSession | null>,
  ): Promise<CachedSession | null>
  drop(id: string): void
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
  }
}
