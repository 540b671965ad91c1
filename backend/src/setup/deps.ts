import type { Configured } from '#access'
import type { Config, ProvidersConfig } from '#config'
import type { SessionDeps } from '#sessions'
import type { Setup } from './create-setup.ts'

export type SetupDeps = SessionDeps & {
  config: Pick<Config, 'groupStaleSeconds' | 'production'> & ProvidersConfig
  configured: Configured
  setup: Setup
}
