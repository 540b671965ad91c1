import { roles, type Permission, type Role } from '@hub/shared'
import { isCaller, type RequestContext } from '#context'
import { AppError } from '#errors'
import { isImpersonable, type Impersonation } from '#kube'
import { isAllowed } from '#rbac'
import type { ClusterInstance } from './create-instances.ts'

/** The permission that tells whether a role reaches a place. */
const permissionOf: Record<Role, Permission> = {
  viewer: 'deployment.view',
  deployer: 'deployment.create',
  admin: 'instance.manage',
}

/**
 * For whom the cluster takes a request of this caller: in mode `impersonate` the user `hub:<principal>` with a group
 * `hub:<role>` for each role that the grants give there; else undefined, and the hub's own credential acts.
 * Throws `forbidden` for a principal that no cluster can take.
 */
export function actFor(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: Pick<ClusterInstance, 'id' | 'accessMode'>,
  namespace: string,
): Impersonation | undefined {
  const { actor, now } = ctx
  if (instance.accessMode !== 'impersonate' || actor.type === 'system') return undefined
  const user = isCaller(actor) ? `hub:${actor.principal}` : ''
  if (actor.type !== 'user' || !isImpersonable(user)) {
    throw new AppError('forbidden', {
      detail: `Instance "${instance.id}" acts for each person by name, and yours has characters that no cluster takes. Ask an administrator for an account with a plain one.`,
    })
  }
  // What the cluster itself refuses does not change who the person is.
  const { clusterRights: _, ...granted } = actor
  const scope = { instance: instance.id, namespace }
  const held = roles.filter((role) => isAllowed({ actor: granted, now }, permissionOf[role], scope))
  return { user, groups: held.toReversed().map((role) => `hub:${role}`) }
}
