import type { SealedText } from '#secrets'
import type { IdentityProvider } from './provider.ts'

export type ProviderDeps = {
  providers: readonly IdentityProvider[]
  /** For what providers gave and the database keeps. */
  sealedText: SealedText
}
