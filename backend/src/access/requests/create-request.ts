import { randomUUID } from 'node:crypto'
import type { AccessRequest, AccessRequestInput } from '@hub/shared'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { requireUser } from '#rbac'
import type { AdministratorDeps } from '../deps.ts'
import { countingPrincipals, getHolder } from '../find-holder.ts'
import { presentGrant } from '../grants.ts'
import { findMappedGrants } from '../mapped-grants.ts'
import { isSameScope } from '../plan-group-grants.ts'
import { presentScope } from '../present.ts'
import { findGrantRows } from '../store.ts'
import { isGivenBy } from './policy.ts'
import { describeRequest, presentRequest } from './present.ts'
import { findWaitingOf, insertRequest, type RequestRow } from './store.ts'

const waitingMax = 10

/**
 * Asks for a role. Whether there is such an instance is for who decides to see: the answer is the same. Throws
 * `unauthenticated`, `forbidden` for a program, and `conflict` for what waits or is held already, and for too many.
 */
export async function createRequest(
  ctx: RequestContext,
  deps: AdministratorDeps,
  input: AccessRequestInput,
): Promise<AccessRequest> {
  const { credential, userId } = requireUser(ctx.actor)
  if (credential.type === 'local') {
    throw new AppError('conflict', {
      detail: 'You can already do everything here: in local mode this hub is yours alone.',
    })
  }
  const { instanceId, minutes, namespaces, reason, role } = input
  const row: RequestRow = {
    id: randomUUID(),
    userId,
    role,
    instanceId: instanceId ?? null,
    namespaces: namespaces ? [...new Set(namespaces)] : null,
    reason,
    minutes,
    state: 'waiting',
    createdAt: ctx.now(),
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    grantId: null,
    endsAt: null,
  }
  await ctx.db.transaction(async (tx) => {
    await tx.lock('access-requests')
    const holder = await getHolder(tx, { userId })
    const { principals } = holder
    await refuseRepeated(tx, row)
    await refuseHeld(tx, deps, row, countingPrincipals(holder, deps.rules), ctx.now())
    await insertRequest(tx, row)
    await tx.announce({ topic: 'access-request', subject: userId })
    await emitAudit(tx, ctx, {
      action: 'access-request.create',
      outcome: 'success',
      target: { accessRequestId: row.id, userId, principals },
      after: describeRequest(row),
    })
  })
  return presentRequest({ request: row, hasGrant: false }, ctx.now())
}

async function refuseRepeated(tx: Transaction, row: RequestRow): Promise<void> {
  const waiting = await findWaitingOf(tx, row.userId)
  if (waiting.some((other) => isSameScope(other, row))) {
    throw new AppError('conflict', {
      detail:
        'You have already asked for this role there, and the request is waiting for a decision. To change it, withdraw it first.',
    })
  }
  if (waiting.length < waitingMax) return
  throw new AppError('conflict', {
    detail: `${waitingMax} of your requests are waiting already. Withdraw one, or wait for a decision.`,
  })
}

async function refuseHeld(
  tx: Transaction,
  deps: AdministratorDeps,
  row: RequestRow,
  principals: readonly string[],
  now: Date,
): Promise<void> {
  const mapped = await findMappedGrants(tx, deps, row.userId, now)
  const held = [
    ...deps.configured
      .grants()
      .flatMap(({ grant, principal }) => (principals.includes(principal) ? [grant] : [])),
    ...mapped.map((each) => presentGrant(each.row)),
    ...(await findGrantRows(tx, { userId: row.userId })).map((each) => presentGrant(each)),
  ]
  const asked = presentScope(row)
  if (!held.some((grant) => isGivenBy(grant, asked))) return
  throw new AppError('conflict', {
    detail: `You are ${asked.role} there already, with no end date: there is nothing to ask for.`,
  })
}
