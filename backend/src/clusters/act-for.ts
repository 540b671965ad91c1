import { roles, type Permission, type Role } from '@hub/shared'
import type { Caller, RequestContext } from '#context'
import { AppError } from '#errors'
import { isImpersonable, type Impersonation } from '#kube'
import { isAllowed, requireCaller } from '#rbac'
import type { ClusterInstance } from './cluster-instance.ts'

/** The permission that tells whether a role reaches a place. */
const permissionOf: Record<Role, Permission> = {
  viewer: 'deployment.view',
  deployer: 'deployment.create',
  admin: 'instance.manage',
}

/**
 * For whom the cluster takes a request of this caller: in mode `impersonate` the user `hub:<principal>`, a person or a
 * program, with a group `hub:<role>` for each role that the grants give there; else undefined, and the hub's own
 * credential acts. Throws `unauthenticated`, and `forbidden` for a principal that no cluster can take.
 */
export function actFor(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: Pick<ClusterInstance, 'id' | 'accessMode'>,
  namespace: string,
): Impersonation | undefined {
  const { actor, now } = ctx
  if (instance.accessMode !== 'impersonate' || actor.type === 'system') return undefined
  const caller = requireCaller(actor)
  const user = `hub:${caller.principal}`
  const fault = findFault(caller.principal, user)
  if (fault !== null) {
    throw new AppError('forbidden', {
      detail: `Instance "${instance.id}" sees everybody under their own name. ${describeFault(caller, fault)}`,
    })
  }
  // What the cluster itself refuses does not change who the caller is.
  const { clusterRights: _, ...whole } = caller
  // A token for models alone is shown as whoever it is of: the cluster has no role for less.
  const granted = { ...whole, grants: whole.grants.map(({ only: __, ...grant }) => grant) }
  const scope = { instance: instance.id, namespace }
  const held = roles.filter((role) => isAllowed({ actor: granted, now }, permissionOf[role], scope))
  return { user, groups: held.toReversed().map((role) => `hub:${role}`) }
}

type Fault = 'reserved' | 'not plain'

/** A prefix keeps `system:` from meaning anything there, and still nobody is taken for what Kubernetes calls its own. */
function findFault(principal: string, user: string): Fault | null {
  const [, ...named] = principal.split(':')
  if (/^system:/i.test(named.join(':'))) return 'reserved'
  return isImpersonable(user) ? null : 'not plain'
}

function describeFault({ type }: Caller, fault: Fault): string {
  const whose =
    type !== 'service' ? 'Your name at the identity provider' : "This program's client id"
  const what =
    fault === 'reserved'
      ? 'begins with "system:", which is Kubernetes\' own'
      : 'has characters that no cluster accepts, such as spaces, or is too long'
  const fix =
    type !== 'service'
      ? 'Ask an administrator for an account with a plain one.'
      : 'Register the program with a plain one.'
  return `${whose} ${what}. ${fix}`
}
