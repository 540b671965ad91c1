import { randomUUID } from 'node:crypto'
import type { GrantInput, GrantOrigin } from '@hub/shared'
import { emitAudit } from '#audit'
import { describeActor, type Actor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { refuseUnknownInstance } from './create-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { announceGrants, getHolder } from './find-holder.ts'
import { isSameScope } from './plan-group-grants.ts'
import { presentGrantOrigin, presentScope, readLimits } from './present.ts'
import { findGrantRows, insertGrant, type Grantee, type GrantRow } from './store.ts'

/**
 * Gives somebody a role, by hand. Throws what `authorize` and `requireFresh` throw, `forbidden` for oneself, `not-found`
 * for an unknown instance or holder, `invalid-request` for an end in the past, and `conflict` for what they hold already.
 */
export async function createGrant(
  ctx: RequestContext,
  deps: AccessDeps,
  grantee: Grantee,
  input: GrantInput,
): Promise<GrantOrigin> {
  authorize(ctx, 'grant.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  refuseSelf(ctx.actor, grantee)
  const now = ctx.now()
  const { endsAt, instanceId, limits, namespaces, role } = input
  const row: GrantRow = {
    id: randomUUID(),
    userId: null,
    servicePrincipalId: null,
    ...grantee,
    role,
    instanceId: instanceId ?? null,
    namespaces: namespaces ? [...new Set(namespaces)] : null,
    limits: readLimits(limits),
    source: 'manual',
    mappingId: null,
    endsAt: endsAt ? new Date(endsAt) : null,
    endedAt: null,
    createdAt: now,
    createdBy: describeActor(ctx.actor),
  }
  refusePastEnd(row, now)
  refuseUnknownInstance(ctx, deps, row.instanceId)
  await ctx.db.transaction(async (tx) => {
    await tx.lock('administrators')
    const { displayName, principals } = await getHolder(tx, grantee)
    const held = (await findGrantRows(tx, grantee)).find(
      (each) =>
        each.source === 'manual' &&
        isSameScope(each, row) &&
        (each.endsAt === null || each.endsAt > now),
    )
    if (held) {
      throw new AppError('conflict', {
        detail: `${displayName} already has this role there. To change when it ends, delete that grant first.`,
      })
    }
    await insertGrant(tx, row)
    await announceGrants(tx, grantee)
    await emitAudit(tx, ctx, {
      action: 'grant.create',
      outcome: 'success',
      target: { ...grantee, principals, grantId: row.id },
      after: { ...presentScope(row), endsAt: row.endsAt?.toISOString() ?? null },
    })
  })
  const names = await deps.findNames(ctx, [row.createdBy])
  return presentGrantOrigin(row, undefined, { names, now })
}

function refuseSelf(actor: Actor, grantee: Grantee): void {
  if (!isSelf(actor, grantee)) return
  throw new AppError('forbidden', {
    detail: 'You cannot give yourself roles. Ask another administrator.',
    denial: { permission: 'grant.manage', ...hubWide },
  })
}

export function isSelf(actor: Actor, grantee: Grantee): boolean {
  return (
    (actor.type === 'user' && 'userId' in grantee && actor.userId === grantee.userId) ||
    (actor.type === 'service' &&
      'servicePrincipalId' in grantee &&
      actor.servicePrincipalId === grantee.servicePrincipalId)
  )
}

function refusePastEnd({ endsAt }: GrantRow, now: Date): void {
  if (endsAt === null || endsAt > now) return
  const detail = 'is in the past; leave it out for a grant with no end date'
  throw new AppError('invalid-request', {
    detail: `The request is not valid. /endsAt: ${detail}.`,
    errors: [{ pointer: '/endsAt', detail }],
  })
}
