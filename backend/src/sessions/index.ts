export { describeEnd } from './describe-end.ts'
export { isAlive } from './is-alive.ts'
export { isCurrent } from './is-current.ts'
export {
  describeRefresh,
  listSessions,
  revokeOtherSessions,
  revokeSession,
} from './list-sessions.ts'
export { createSessionCache, type CachedSession, type SessionCache } from './session-cache.ts'
export { createSessionCookie, type OpenedCookie, type SessionCookie } from './session-cookie.ts'
export {
  consumeLogin,
  consumeLogoutToken,
  endSessions,
  findSession,
  insertSession,
  renewSession,
  touchSession,
  type SessionRow,
  type SessionWithUser,
} from './store.ts'
export { startSweep } from './sweep.ts'
