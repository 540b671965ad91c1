import type { Config } from '#config'
import type { Logger } from '#log'
import { createBearers } from '#bearers'
import { createKeyDocuments, createProviders } from '#identity-providers'
import { createSealedText } from '#secrets'
import { createSessionCache, createSessionCookie } from '#sessions'
import { createSetup } from '#setup'
import { createLocalAccess, createLoginCookie } from '#sign-in'

export type Auth = ReturnType<typeof createAuth>

/** What tells who a request is from, made once at start: all that the folders from providers to setup ask for. */
export function createAuth(options: {
  config: Config
  fetch: typeof fetch
  now: () => Date
  log: Logger
  restingInstances: ReadonlySet<string>
}) {
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
