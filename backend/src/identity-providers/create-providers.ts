import type { Config } from '#config'
import type { Logger } from '#log'
import { createEntraProvider } from './entra.ts'
import { createGithubProvider } from './github.ts'
import { createOidcProvider } from './oidc.ts'
import type { IdentityProvider } from './provider.ts'
import { createKeyDocuments, type KeyDocuments } from './signing-keys.ts'

/** The enabled identity providers, in the order in which the sign-in page shows them. */
export function createProviders(options: {
  config: Pick<Config, 'enabledProviders' | 'entra' | 'github' | 'jwt' | 'oidc'>
  fetch: typeof fetch
  now: () => Date
  log?: Pick<Logger, 'info'>
  keyDocuments?: KeyDocuments
}): readonly IdentityProvider[] {
  const { entra, enabledProviders, github, jwt, oidc } = options.config
  const common = {
    ...options,
    leewaySeconds: jwt.leewaySeconds,
    keyDocuments: options.keyDocuments ?? createKeyDocuments(options),
  }
  const create = {
    entra: () => entra && createEntraProvider({ ...common, config: entra }),
    github: () => github && createGithubProvider({ ...common, config: github }),
    oidc: () => oidc && createOidcProvider({ ...common, config: oidc }),
  }
  return enabledProviders.flatMap((id) => create[id]() ?? [])
}
