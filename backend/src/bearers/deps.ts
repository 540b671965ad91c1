import type { Configured } from '#access'
import type { Config, ProvidersConfig } from '#config'
import type { Caller } from '#context'
import type { IdentityProvider } from '#identity-providers'

export type BearerDeps = {
  config: Pick<Config, 'groupStaleSeconds'> & ProvidersConfig
  configured: Configured
  /** Whether people of this issuer come in who never signed in here. */
  takesGuestsOf: (issuer: string) => boolean
  providers: readonly Pick<IdentityProvider, 'id'>[]
  /** As `UserActor` has them. */
  restingInstances: ReadonlySet<string>
  keepsModels?: Caller['keepsModels']
}
