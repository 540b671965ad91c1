export {
  authenticate,
  reauthenticate,
  type Authenticated,
  type SessionUse,
} from './authenticate.ts'
export { browserCookies, localCookie, sessionCookieName } from './cookies.ts'
export { createAuth } from './create-auth.ts'
export type { AuthDeps } from './deps.ts'
export { startGroupSync } from './group-sync/start-group-sync.ts'
export { isOwnOrigin } from './public-origin.ts'
export { startSweep } from './sweep.ts'
export { LinkMistake, makeLink } from './setup/make-link.ts'
