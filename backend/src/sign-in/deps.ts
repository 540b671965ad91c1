import type { Configured } from '#access'
import type { Config, ProvidersConfig } from '#config'
import type { Clock, RequestContext } from '#context'
import type { ProviderDeps } from '#identity-providers'
import type { SessionDeps } from '#sessions'
import type { LocalAccess } from './local-access.ts'
import type { LoginCookie } from './login-cookie.ts'

export type SignInDeps = ProviderDeps &
  Pick<SessionDeps, 'sessionCookie'> & {
    config: ProvidersConfig &
      Pick<
        Config,
        'groupStaleSeconds' | 'mcp' | 'production' | 'publicOrigin' | 'session' | 'trustedProxies'
      >
    configured: Configured
    loginCookie: LoginCookie
    /** Null where people sign in. */
    local: LocalAccess | null
    /** Whether nobody administers this hub yet. */
    setup: { isAwaited(ctx: Pick<RequestContext, 'db' | 'now'>): Promise<boolean> }
    now: Clock
  }
