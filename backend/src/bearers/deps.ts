import type { Config, ProvidersConfig } from '#config'
import type { IdentityProvider } from '#identity-providers'

export type BearerDeps = {
  config: Pick<Config, 'grants'> & ProvidersConfig
  providers: readonly Pick<IdentityProvider, 'id'>[]
  /** As `UserActor` has it. */
  restingInstances: ReadonlySet<string>
}
