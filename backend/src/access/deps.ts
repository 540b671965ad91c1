import type { ConfigGrant, ProvidersConfig } from '#config'

/** What the configuration says about who administers the hub, and whose word counts. */
export type AdministratorDeps = { grants: readonly ConfigGrant[]; rules: ProvidersConfig }

/** What grants are held against: the configuration, and the instances there are. */
export type AccessDeps = AdministratorDeps & {
  /** How long groups count that could not be looked up again. */
  groupStaleSeconds: number
  hasInstance(id: string): boolean
  /** Nobody's grants but an administrator's count on one that rests. */
  isResting(id: string): boolean
  /** Whether the cluster is asked on people's behalf: its own RBAC applies as well. */
  isImpersonated(id: string): boolean
}
