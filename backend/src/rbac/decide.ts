import type { Grant, Permission, Role } from '@hub/shared'

export const roleLevel: Record<Role, number> = { viewer: 1, deployer: 2, admin: 3 }

/** The least role that holds each permission. */
export const requiredRole: Record<Permission, Role> = {
  'instance.view': 'viewer',
  'deployment.view': 'viewer',
  'deployment.create': 'deployer',
  'deployment.update': 'deployer',
  'deployment.delete': 'deployer',
  'deployment.chat': 'viewer',
  'user.manage': 'admin',
  'grant.manage': 'admin',
  'group-mapping.manage': 'admin',
  'instance.manage': 'admin',
  'audit.view': 'admin',
}

/** Where a permission is asked for; `instance: null` asks for the whole hub, `namespace: null` for the instance itself. */
export type Scope = { instance: string | null; namespace: string | null }

export const hubWide: Scope = { instance: null, namespace: null }

/**
 * Whether any single grant covers the permission's role, the instance and the namespace. Deny by default; one more
 * grant never takes a right away.
 */
export function decide(
  grants: readonly Grant[],
  permission: Permission,
  scope: Scope,
  now: Date,
): boolean {
  const required = requiredRole[permission]
  return grants.some(
    (grant) =>
      (grant.only ?? permission) === permission &&
      covers(grant, required, scope) &&
      isActive(grant, now),
  )
}

function isActive(grant: Grant, now: Date): boolean {
  return grant.endsAt === null || Date.parse(grant.endsAt) > now.getTime()
}

function covers(grant: Grant, required: Role, scope: Scope): boolean {
  if (roleLevel[grant.role] < roleLevel[required]) return false
  // Admin is hub-wide always: a scoped admin grant is refused where grants are made, and gives nothing here.
  if (grant.role === 'admin') return grant.instanceId === null && grant.namespaces === null
  if (required === 'admin' || scope.instance === null) return false
  if (grant.instanceId !== null && grant.instanceId !== scope.instance) return false
  if (scope.namespace === null) return grant.namespaces === null || grant.namespaces.length > 0
  if (grant.namespaces !== null) return grant.namespaces.includes(scope.namespace)
  return required === 'viewer' || !isSystemNamespace(scope.namespace)
}

/** Kubernetes' own namespaces: "all namespaces" lets nobody deploy there but an admin. */
function isSystemNamespace(namespace: string): boolean {
  return namespace.startsWith('kube-')
}
