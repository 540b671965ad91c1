import type { Config, ProvidersConfig } from '#config'
import type { SessionCache } from './session-cache.ts'
import type { SessionCookie } from './session-cookie.ts'

export type SessionDeps = {
  /** How long a session lasts, and whose word counts. */
  config: Pick<Config, 'session'> & ProvidersConfig
  sessionCookie: SessionCookie
  sessionCache: SessionCache
}
