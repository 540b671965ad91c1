import type { Configured } from '#access'
import type { Config, ProvidersConfig } from '#config'
import type { Clock } from '#context'
import type { Database } from '#db'
import type { ProviderDeps } from '#identity-providers'
import type { Logger } from '#log'

export type SyncDeps = {
  db: Database
  auth: ProviderDeps & {
    config: Pick<Config, 'groupStaleSeconds'> & ProvidersConfig
    configured: Configured
  }
  now: Clock
  log: Logger
}
