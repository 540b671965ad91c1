import { AccessRequestState, type AccessRequest, type AccessRequestOfUser } from '@hub/shared'
import type { RequestContext } from '#context'
import { isSelf } from '../create-grant.ts'
import type { AccessDeps } from '../deps.ts'
import { presentScope } from '../present.ts'
import type { FoundRequest, RequestOfUser, RequestRow } from './store.ts'

export function presentRequest({ hasGrant, request }: FoundRequest, now: Date): AccessRequest {
  const { decisionReason, endsAt, id, minutes, reason } = request
  const isOver = request.state === 'approved' && (!hasGrant || endsAt === null || endsAt <= now)
  return {
    id,
    ...presentScope(request),
    reason,
    minutes,
    state: isOver ? 'ended' : AccessRequestState.parse(request.state),
    createdAt: request.createdAt.toISOString(),
    decidedAt: request.decidedAt?.toISOString() ?? null,
    decisionReason,
    endsAt: endsAt?.toISOString() ?? null,
  }
}

export function presentRequestOfUser(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  deps: Pick<AccessDeps, 'hasInstance'>,
  found: RequestOfUser,
  names: ReadonlyMap<string, string>,
): AccessRequestOfUser {
  const { principals, request, user } = found
  const { decidedBy, grantId, instanceId, userId } = request
  return {
    ...presentRequest(found, ctx.now()),
    user: {
      id: user.id,
      displayName: user.displayName,
      email: user.email,
      principals,
      disabledAt: user.disabledAt?.toISOString() ?? null,
    },
    decidedBy,
    decidedByName: names.get(decidedBy ?? '') ?? null,
    grantId,
    hasInstance: instanceId === null || deps.hasInstance(instanceId),
    isOwn: isSelf(ctx.actor, { userId }),
  }
}

/** For the audit log. */
export function describeRequest(request: RequestRow) {
  const { minutes, reason, state } = request
  return { ...presentScope(request), minutes, reason, state }
}
