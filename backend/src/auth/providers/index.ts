import type { Config } from '#config'
import type { Logger } from '#log'
import { createEntraProvider } from './entra.ts'
import { createGithubProvider } from './github.ts'
import { createOidcProvider } from './oidc.ts'
import type { IdentityProvider } from './provider.ts'

export {
  AccessWithdrawn,
  isOfflineRefusal,
  OfflineRefused,
  TokenUnchanged,
} from './authorization-code.ts'
export { signInTimeoutMs } from './bounded-fetch.ts'
export type { IdentityProvider, KnownOrgs } from './provider.ts'

/** The enabled identity providers, in the order in which the sign-in page shows them. */
export function createProviders(options: {
  config: Pick<Config, 'enabledProviders' | 'entra' | 'github' | 'oidc'>
  fetch: typeof fetch
  now: () => Date
  log?: Pick<Logger, 'info'>
}): readonly IdentityProvider[] {
  const { entra, enabledProviders, github, oidc } = options.config
  const create = {
    entra: () => entra && createEntraProvider({ ...options, config: entra }),
    github: () => github && createGithubProvider({ ...options, config: github }),
    oidc: () => oidc && createOidcProvider({ ...options, config: oidc }),
  }
  return enabledProviders.flatMap((id) => create[id]() ?? [])
}
