import type { Maintenance, MaintenanceInput } from '@hub/shared'
import { emitAudit } from '#audit'
import type { Instances } from '#clusters'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import { presentMaintenance } from './maintenance.ts'
import {
  deleteMaintenanceRow,
  findMaintenanceRow,
  putMaintenanceRow,
  type MaintenanceRow,
} from './store.ts'

type Deps = { instances: Instances }

const yearMs = 366 * 24 * 60 * 60_000

/**
 * Closes an instance for new deployments until a moment within a year; closing a closed one says the reason and the end
 * anew. Throws what `requireInstance` and `authorize` throw, and `invalid-request` for a moment that is no such.
 */
export async function closeInstance(
  ctx: RequestContext,
  deps: Deps,
  instance: string,
  { reason, until }: MaintenanceInput,
): Promise<Maintenance> {
  authorize(ctx, 'instance.manage', { instance, namespace: null })
  requireInstance(ctx, deps, instance)
  const now = ctx.now()
  const end = new Date(until)
  refuseEnd(end, now)
  const row = await ctx.db.transaction(async (tx): Promise<MaintenanceRow> => {
    const before = await findMaintenanceRow(tx, instance)
    const wasClosed = before !== undefined && before.until > now
    const by = describeActor(ctx.actor)
    const since = wasClosed ? before.since : now
    const after = { instanceId: instance, reason, until: end, since, by }
    await putMaintenanceRow(tx, after)
    await tx.announce({ topic: 'maintenance', subject: instance })
    await emitAudit(tx, ctx, {
      action: 'instance.close',
      outcome: 'success',
      target: { instance },
      ...(wasClosed && { before: describe(before) }),
      after: describe(after),
    })
    return after
  })
  return presentMaintenance(row)
}

/** Opens it again; an open one stays so. Throws what `requireInstance` and `authorize` throw. */
export async function openInstance(
  ctx: RequestContext,
  deps: Deps,
  instance: string,
): Promise<void> {
  authorize(ctx, 'instance.manage', { instance, namespace: null })
  requireInstance(ctx, deps, instance)
  await ctx.db.transaction(async (tx) => {
    const before = await findMaintenanceRow(tx, instance)
    if (!before) return
    await deleteMaintenanceRow(tx, instance)
    await tx.announce({ topic: 'maintenance', subject: instance })
    if (before.until <= ctx.now()) return
    await emitAudit(tx, ctx, {
      action: 'instance.open',
      outcome: 'success',
      target: { instance },
      before: describe(before),
    })
  })
}

function describe({ reason, until }: MaintenanceRow) {
  return { reason, until: until.toISOString() }
}

function refuseEnd(until: Date, now: Date): void {
  const detail =
    until <= now
      ? 'has passed: name a time to come'
      : until.getTime() - now.getTime() > yearMs
        ? 'is more than a year away: name an earlier time, and close it again if need be'
        : null
  if (detail === null) return
  throw new AppError('invalid-request', {
    detail: `The request is not valid. /until: ${detail}.`,
    errors: [{ pointer: '/until', detail }],
  })
}
