import type { Config } from '#config'
import type { Bearers } from './bearer/create-bearers.ts'
import type { LocalAccess } from './local-access.ts'
import type { LoginCookie } from './login-cookie.ts'
import type { IdentityProvider } from './providers/index.ts'
import type { SealedText } from './sealed-text.ts'
import type { SessionCache } from './session-cache.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { Setup } from './setup/create-setup.ts'

export type AuthDeps = {
  config: Config
  providers: readonly IdentityProvider[]
  sessionCookie: SessionCookie
  sessionCache: SessionCache
  loginCookie: LoginCookie
  bearers: Bearers
  setup: Setup
  /** Null where people sign in. */
  local: LocalAccess | null
  /** For what providers gave and the database keeps. */
  sealedText: SealedText
  now: () => Date
  /** As `UserActor` has it. */
  restingInstances: ReadonlySet<string>
}
