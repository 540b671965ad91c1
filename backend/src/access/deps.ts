import type { ProvidersConfig } from '#config'
import type { Configured } from './configured.ts'
import type { FindNames } from './find-names.ts'

/** What the configuration says about who administers the hub, and whose word counts. */
export type AdministratorDeps = {
  configured: Configured
  rules: ProvidersConfig
  /** How long groups count that could not be looked up again. */
  groupStaleSeconds: number
}

/** What grants are held against: the configuration, and the instances there are. */
export type AccessDeps = AdministratorDeps & {
  /** Or a provider of models outside, which stands where an instance does. */
  hasInstance(id: string): boolean
  /** Nobody's grants but an administrator's count on one that rests. */
  isResting(id: string): boolean
  /** Whether the cluster is asked on people's behalf: its own RBAC applies as well. */
  isImpersonated(id: string): boolean
  findNames: FindNames
}
