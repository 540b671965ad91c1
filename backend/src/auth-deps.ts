import type { Config } from '#config'
import type { Bearers } from '#bearers'
import type { IdentityProvider } from '#identity-providers'
import type { SealedText } from '#secrets'
import type { SessionCache, SessionCookie } from '#sessions'
import type { Setup } from '#setup'
import type { LocalAccess, LoginCookie } from '#sign-in'

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
