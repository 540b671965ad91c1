import type { Config } from '#config'
import { createOidcProvider } from './oidc.ts'
import type { IdentityProvider } from './provider.ts'

export type { IdentityProvider } from './provider.ts'

/** The enabled identity providers, in the order in which the sign-in page shows them. */
export function createProviders(options: {
  config: Pick<Config, 'oidc'>
  fetch: typeof fetch
  now: () => Date
}): readonly IdentityProvider[] {
  const { oidc } = options.config
  return oidc ? [createOidcProvider({ ...options, config: oidc })] : []
}
