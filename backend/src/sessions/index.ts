export type { SessionDeps } from './deps.ts'
export { describeEnd } from './describe-end.ts'
export { findSession, type SessionWithUser } from './find-session.ts'
export { isAlive } from './is-alive.ts'
export { describeRefresh, listSessions } from './list-sessions.ts'
export { openSession, type OpenedSession } from './open-session.ts'
export { revokeOtherSessions, revokeSession } from './revoke-sessions.ts'
export { createSessionCache, type CachedSession } from './session-cache.ts'
export { createSessionCookie, type OpenedCookie } from './session-cookie.ts'
export {
  deleteExpiredSessions,
  endSessions,
  findIdentitiesOfProviderSession,
  renewSession,
  touchSession,
  type SessionRow,
} from './store.ts'
export { createSweepJob } from './sweep.ts'
export { sessionOperations } from './operations.ts'
