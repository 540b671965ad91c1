import { AppError } from '#errors'
import type { ProviderDeps } from './deps.ts'
import type { IdentityProvider } from './provider.ts'

/** Throws `provider-not-enabled`. */
export function getProvider(deps: Pick<ProviderDeps, 'providers'>, id: string): IdentityProvider {
  const provider = deps.providers.find((candidate) => candidate.id === id)
  if (provider) return provider
  throw new AppError('provider-not-enabled', {
    detail: 'This hub does not offer that identity provider. Choose one on the sign-in page.',
  })
}
