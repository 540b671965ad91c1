import {
  permissions,
  type AccessDecision,
  type EffectiveAccess,
  type EffectiveAccessQuery,
  type GrantOrigin,
  type Permission,
} from '@hub/shared'
import type { RequestContext } from '#context'
import { authorize, explainGrant, hubWide, type Scope } from '#rbac'
import type { AccessDeps } from './deps.ts'
import { describeLockout, getHolder, type Holder } from './find-holder.ts'
import { readGrantOrigins } from './list-grants.ts'

/**
 * What a person or a program may do at a place, because of which grant, mapping or configuration, and why not the rest.
 * Throws what `authorize` throws, and `not-found` for somebody unknown.
 */
export async function explainAccess(
  ctx: RequestContext,
  deps: AccessDeps,
  query: EffectiveAccessQuery,
): Promise<EffectiveAccess> {
  authorize(ctx, 'grant.manage', hubWide)
  const { instance = null, namespace = null, permission } = query
  const { grantee, id, type } = readGrantee(query)
  const holder = await getHolder(ctx.db, grantee)
  const grants = await readGrantOrigins(ctx, deps, grantee, holder)
  const scope = { instance, namespace }
  const { disabledAt, displayName, principals } = holder
  return {
    holder: {
      type,
      id,
      displayName,
      disabledAt: disabledAt?.toISOString() ?? null,
      principals: [...principals],
    },
    ...scope,
    decisions: (permission ? [permission] : permissions).map((each) =>
      decideWithReasons(deps, holder, grants, each, scope, ctx.now()),
    ),
    grants,
  }
}

/** The contract asks for exactly one of both. */
function readGrantee({ service, user }: EffectiveAccessQuery) {
  if (user !== undefined) return { type: 'user', id: user, grantee: { userId: user } } as const
  const id = service!
  return { type: 'service', id, grantee: { servicePrincipalId: id } } as const
}

function decideWithReasons(
  deps: AccessDeps,
  holder: Holder,
  grants: readonly GrantOrigin[],
  permission: Permission,
  scope: Scope,
  now: Date,
): AccessDecision {
  const { instance } = scope
  const isResting = instance !== null && deps.isResting(instance)
  const judged = grants.map((grant) => {
    const reason = explainGrant(grant, permission, scope, now)
    const rests = isResting && grant.role !== 'admin'
    return {
      grant,
      reason: reason ?? (rests ? `${instance} is on hold until it is confirmed` : null),
    }
  })
  const counting = judged.flatMap(({ grant, reason }) => (reason === null ? [grant] : []))
  const obstacle = describeObstacle(deps, holder, instance)
  const isAllowed = obstacle === null && counting.length > 0
  const isClusterAsked =
    isAllowed &&
    instance !== null &&
    permission !== 'instance.view' &&
    deps.isImpersonated(instance)
  return {
    permission,
    isAllowed,
    reason: isAllowed
      ? describeAllowed(counting, isClusterAsked)
      : (obstacle ?? describeRefused(judged)),
    obstacle,
    isClusterAsked,
    grants: counting.map(({ id }) => id),
    others: judged.flatMap(({ grant, reason }) =>
      reason === null ? [] : [{ grant: grant.id, reason }],
    ),
  }
}

function describeObstacle(
  deps: AccessDeps,
  holder: Holder,
  instance: string | null,
): string | null {
  if (holder.disabledAt !== null) return `${holder.displayName} is disabled.`
  const lockout = describeLockout(holder, deps.rules)
  if (lockout !== null) return lockout
  if (instance !== null && !deps.hasInstance(instance)) {
    return `There is no instance "${instance}" in this hub.`
  }
  return null
}

function describeAllowed(counting: readonly GrantOrigin[], isClusterAsked: boolean): string {
  const origins = counting.map(describeGrant).join('; ')
  const more = isClusterAsked ? " The cluster's own RBAC applies as well." : ''
  return `Allowed by ${origins}.${more}`
}

function describeRefused(judged: readonly { grant: GrantOrigin; reason: string | null }[]): string {
  if (judged.length === 0) return 'They have no grants.'
  return `${judged
    .map(({ grant, reason }) => `Not by ${describeGrant(grant)}: ${reason}`)
    .join('. ')}.`
}

function describeGrant({
  createdBy,
  instanceId,
  mapping,
  namespaces,
  principal,
  role,
  source,
}: GrantOrigin): string {
  const where = instanceId ?? 'all instances'
  const within = namespaces === null ? '' : ` (${namespaces.join(', ')})`
  const from = mapping
    ? `the group ${mapping.groupName ?? mapping.groupId} of ${mapping.provider}`
    : source === 'config'
      ? `the configuration for ${principal}`
      : `${createdBy}`
  return `${role} on ${where}${within} from ${from}`
}
