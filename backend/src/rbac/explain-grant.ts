import type { Grant, Permission } from '@hub/shared'
import { decide, requiredRole, roleLevel, type Scope } from './decide.ts'

/** Why a grant does not give a permission somewhere, as the end of a sentence; null where it does. */
export function explainGrant(
  grant: Grant,
  permission: Permission,
  scope: Scope,
  now: Date,
): string | null {
  if (decide([grant], permission, scope, now)) return null
  const { endsAt, instanceId, namespaces, role } = grant
  if (endsAt !== null && Date.parse(endsAt) <= now.getTime()) return `it ended at ${endsAt}`
  if (grant.only !== undefined && grant.only !== permission) return `it is for ${grant.only} alone`
  const required = requiredRole[permission]
  if (roleLevel[role] < roleLevel[required]) return `${permission} needs the role ${required}`
  if (role === 'admin') return 'admin is always hub-wide; one for a single place gives nothing'
  if (scope.instance === null) return `it gives ${permission} on instances, not in the whole hub`
  if (instanceId !== null && instanceId !== scope.instance) return `it is only for ${instanceId}`
  if (namespaces !== null) return `it is only for the namespaces ${namespaces.join(', ')}`
  return `all namespaces do not include ${scope.namespace} for a deployer: kube-* is Kubernetes' own`
}
