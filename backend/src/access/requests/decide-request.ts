import { randomUUID } from 'node:crypto'
import type { AccessRequestOfUser, ApproveAccessRequest, RefuseAccessRequest } from '@hub/shared'
import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { isSelf } from '../create-grant.ts'
import type { AccessDeps } from '../deps.ts'
import { announceGrants } from '../find-holder.ts'
import { insertGrant } from '../store.ts'
import { describeRequest, presentRequestOfUser } from './present.ts'
import { decideRequest, findRequest, type RequestOfUser, type RequestRow } from './store.ts'

/**
 * Gives what was asked for, or a shorter time of it, from now on. Throws what `authorize` and `requireFresh` throw,
 * `not-found`, `forbidden` for one's own, `invalid-request` for a longer time, and `conflict` where it does not wait any
 * more, the person is disabled, or there is no such instance.
 */
export async function approveRequest(
  ctx: RequestContext,
  deps: Pick<AccessDeps, 'findNames' | 'hasInstance'>,
  id: string,
  { minutes, reason }: ApproveAccessRequest,
): Promise<AccessRequestOfUser> {
  return decide(ctx, deps, id, async (tx, { request, user }, now) => {
    refuseLonger(minutes, request.minutes)
    if (user.disabledAt !== null) {
      throw new AppError('conflict', {
        detail: `${user.displayName} is disabled. Enable the person first, or refuse the request.`,
      })
    }
    const { instanceId, namespaces, role, userId } = request
    if (instanceId !== null && !deps.hasInstance(instanceId)) {
      throw new AppError('conflict', {
        detail: `There is no instance "${instanceId}" in this hub, so nothing can be granted on it. Refuse the request, or add the instance first.`,
      })
    }
    const grantId = randomUUID()
    const endsAt = new Date(now.getTime() + (minutes ?? request.minutes) * 60_000)
    await insertGrant(tx, {
      id: grantId,
      userId,
      servicePrincipalId: null,
      role,
      instanceId,
      namespaces,
      limits: null,
      source: 'request',
      mappingId: null,
      endsAt,
      endedAt: null,
      createdAt: now,
      createdBy: describeActor(ctx.actor),
    })
    await announceGrants(tx, { userId })
    return {
      action: 'access-request.approve',
      decision: { state: 'approved', decisionReason: reason ?? null, grantId, endsAt },
    }
  })
}

/** Throws what `authorize` and `requireFresh` throw, `not-found`, `forbidden` for one's own, and `conflict`. */
export async function refuseRequest(
  ctx: RequestContext,
  deps: Pick<AccessDeps, 'findNames' | 'hasInstance'>,
  id: string,
  { reason }: RefuseAccessRequest,
): Promise<AccessRequestOfUser> {
  return decide(ctx, deps, id, async () => ({
    action: 'access-request.refuse',
    decision: { state: 'refused', decisionReason: reason },
  }))
}

type Decision = {
  action: 'access-request.approve' | 'access-request.refuse'
  decision: Pick<RequestRow, 'state' | 'decisionReason'> &
    Partial<Pick<RequestRow, 'grantId' | 'endsAt'>>
}

async function decide(
  ctx: RequestContext,
  deps: Pick<AccessDeps, 'findNames' | 'hasInstance'>,
  id: string,
  act: (tx: Transaction, found: RequestOfUser, now: Date) => Promise<Decision>,
): Promise<AccessRequestOfUser> {
  authorize(ctx, 'grant.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  const decided = await ctx.db.transaction(async (tx) => {
    // Nobody is disabled, and no grant of theirs taken, meanwhile.
    await tx.lock('administrators')
    const found = await findRequest(tx, id)
    if (!found) throw requestNotFound()
    const { principals, request } = found
    const { userId } = request
    refuseOwn(ctx, userId)
    if (request.state !== 'waiting') throw decidedAlready()
    const now = ctx.now()
    const { action, decision } = await act(tx, found, now)
    const written = { ...decision, decidedAt: now, decidedBy: describeActor(ctx.actor) }
    // Its own person may withdraw it at the same moment.
    if (!(await decideRequest(tx, id, written))) throw decidedAlready()
    await tx.announce({ topic: 'access-request', subject: userId })
    await emitAudit(tx, ctx, {
      action,
      outcome: 'success',
      target: { accessRequestId: id, userId, principals },
      before: describeRequest(request),
      after: {
        state: decision.state,
        reason: decision.decisionReason,
        ...(decision.grantId && { grantId: decision.grantId }),
        ...(decision.endsAt && { endsAt: decision.endsAt.toISOString() }),
      },
    })
    return {
      ...found,
      request: { ...request, ...written },
      hasGrant: decision.state === 'approved',
    }
  })
  const names = await deps.findNames(ctx, [describeActor(ctx.actor)])
  return presentRequestOfUser(ctx, deps, decided, names)
}

export function requestNotFound(): AppError {
  return new AppError('not-found', {
    detail: 'There is no such access request. Refresh the list.',
  })
}

export function decidedAlready(): AppError {
  return new AppError('conflict', {
    detail: 'This request is no longer waiting: it was decided or withdrawn. Refresh the list.',
  })
}

function refuseOwn({ actor }: RequestContext, userId: string): void {
  if (!isSelf(actor, { userId })) return
  throw new AppError('forbidden', {
    detail: 'You cannot decide your own request. Ask another administrator, or withdraw it.',
    denial: { permission: 'grant.manage', ...hubWide },
  })
}

function refuseLonger(minutes: number | undefined, asked: number): void {
  if (minutes === undefined || minutes <= asked) return
  const detail = `must be at most ${asked}, which is what was asked for`
  throw new AppError('invalid-request', {
    detail: `The request is not valid. /minutes: ${detail}.`,
    errors: [{ pointer: '/minutes', detail }],
  })
}
