import type { Config } from '#config'
import type { Logger } from '#log'
import { createBearers } from './bearer/create-bearers.ts'
import type { AuthDeps } from './deps.ts'
import { createLocalAccess } from './local-access.ts'
import { createLoginCookie } from './login-cookie.ts'
import { createProviders } from './providers/index.ts'
import { createKeyDocuments } from './providers/signing-keys.ts'
import { createSealedText } from './sealed-text.ts'
import { createSessionCache } from './session-cache.ts'
import { createSessionCookie } from './session-cookie.ts'
import { createSetup } from './setup/create-setup.ts'

/** What sign-in needs, made once at start. */
export function createAuth(options: {
  config: Config
  fetch: typeof fetch
  now: () => Date
  log: Logger
  restingInstances: ReadonlySet<string>
}): AuthDeps {
  const { config, now, restingInstances } = options
  const keyDocuments = createKeyDocuments(options)
  const providers = createProviders({ ...options, keyDocuments })
  return {
    config,
    providers,
    sessionCookie: createSessionCookie(config.session.secrets, now),
    sessionCache: createSessionCache(),
    loginCookie: createLoginCookie(config.session.secrets, now),
    bearers: createBearers({ ...options, keyDocuments, providers }),
    setup: createSetup(config),
    local: createLocalAccess(options),
    sealedText: createSealedText(config.encryptionSecrets),
    now,
    restingInstances,
  }
}
