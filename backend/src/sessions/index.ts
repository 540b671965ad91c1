export type { SessionDeps } from './deps.ts'
export { describeEnd } from './describe-end.ts'
export { isAlive } from './is-alive.ts'
export { isCurrent } from './is-current.ts'
export { describeRefresh, listSessions } from './list-sessions.ts'
export { openSession, type OpenedSession } from './open-session.ts'
export { revokeOtherSessions, revokeSession } from './revoke-sessions.ts'
export { createSessionCache, type CachedSession, type SessionCache } from './session-cache.ts'
export { createSessionCookie, type OpenedCookie, type SessionCookie } from './session-cookie.ts'
export {
  endSessions,
  findSession,
  renewSession,
  touchSession,
  type SessionRow,
  type SessionWithUser,
} from './store.ts'
export { startSweep } from './sweep.ts'
export { sessionOperations } from './operations.ts'
