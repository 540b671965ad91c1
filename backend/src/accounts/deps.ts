import type { AdministratorDeps, Configured } from '#access'
import type { Bearers } from '#bearers'
import type { Config, ProvidersConfig } from '#config'
import type { Caller } from '#context'
import type { PeopleDeps } from '#people'
import type { SessionDeps } from '#sessions'

/** What changes of a person are held against. */
export type PersonDeps = PeopleDeps & AdministratorDeps

export type AccountDeps = SessionDeps & {
  config: Pick<Config, 'groupStaleSeconds'> & ProvidersConfig
  configured: Configured
  bearers: Pick<Bearers, 'reauthenticate'>
  /** As `UserActor` has them. */
  restingInstances: ReadonlySet<string>
  keepsModels?: Caller['keepsModels']
}
