import type { Config } from '#config'
import type { Logger } from '#log'
import { createConfigured, type Configured } from '#access'
import { createBearers } from '#bearers'
import type { Caller } from '#context'
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
  keepsModels?: Caller['keepsModels']
  /** Without it, as the configuration was at the start. */
  configured?: Configured
}) {
  const { config, keepsModels, now, restingInstances } = options
  const configured = options.configured ?? createConfigured(config)
  const keyDocuments = createKeyDocuments(options)
  const providers = createProviders({ ...options, keyDocuments })
  return {
    config,
    configured,
    providers,
    sessionCookie: createSessionCookie(config.session.secrets, now),
    sessionCache: createSessionCache(),
    loginCookie: createLoginCookie(config.session.secrets, now),
    bearers: createBearers({
      ...options,
      configured,
      keyDocuments,
      providers,
      takesGuestsOf: (issuer) => takesGuestsOf(config, issuer),
    }),
    setup: createSetup({ config, configured }),
    local: createLocalAccess(options),
    sealedText: createSealedText(config.encryptionSecrets),
    now,
    restingInstances,
    keepsModels,
  }
}

/**
 * Where somebody who never signed in here may have something to do: they use models, or what clusters that decide alone let
 * them. Whether they have, is seen at the door.
 */
function takesGuestsOf({ accessModes, gateway }: Config, issuer: string): boolean {
  const { fallback, instances } = accessModes
  if ([fallback, ...instances.values()].some(({ rights }) => rights === 'cluster')) return true
  return isModelsGuest({ gateway }, issuer)
}

/** Whether whoever has a token of this issuer may use every model. */
export function isModelsGuest({ gateway }: Pick<Config, 'gateway'>, issuer: string): boolean {
  return gateway.access === 'authenticated' && gateway.issuer === issuer
}
