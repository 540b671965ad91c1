import type { Bearers } from '#bearers'
import type { Config, ProvidersConfig } from '#config'
import type { SessionDeps } from '#sessions'

export type AccountDeps = SessionDeps & {
  config: Pick<Config, 'grants'> & ProvidersConfig
  bearers: Pick<Bearers, 'reauthenticate'>
  /** As `UserActor` has it. */
  restingInstances: ReadonlySet<string>
}
