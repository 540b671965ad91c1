import type { Config } from '#config'
import type { AuthDeps } from './deps.ts'
import { createLoginCookie } from './login-cookie.ts'
import { createProviders } from './providers/index.ts'
import { createSealedText } from './sealed-text.ts'
import { createSessionCache } from './session-cache.ts'
import { createSessionCookie } from './session-cookie.ts'

/** What sign-in needs, made once at start. */
export function createAuth(options: {
  config: Config
  fetch: typeof fetch
  now: () => Date
  restingInstances: ReadonlySet<string>
}): AuthDeps {
  const { config, now, restingInstances } = options
  return {
    config,
    providers: createProviders(options),
    sessionCookie: createSessionCookie(config.session.secrets, now),
    sessionCache: createSessionCache(),
    loginCookie: createLoginCookie(config.session.secrets, now),
    sealedText: createSealedText(config.encryptionSecrets),
    now,
    restingInstances,
  }
}
