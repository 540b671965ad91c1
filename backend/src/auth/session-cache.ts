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
  get(idHash: string, now: Date): CachedSession | undefined
  set(idHash: string, session: CachedSession, now: Date): void
  delete(idHash: string): void
}

export function createSessionCache(): SessionCache {
  const entries = new Map<string, { session: CachedSession; readAt: number }>()
  return {
    get(idHash, now) {
      const entry = entries.get(idHash)
      if (!entry) return undefined
      const age = now.getTime() - entry.readAt
      if (age >= 0 && age < freshMs) return entry.session
      entries.delete(idHash)
      return undefined
    },
    set(idHash, session, now) {
      // The oldest goes first: a map keeps the order in which its keys came.
      if (entries.size >= capacity) entries.delete(entries.keys().next().value!)
      entries.set(idHash, { session, readAt: now.getTime() })
    },
    delete: (idHash) => void entries.delete(idHash),
  }
}
