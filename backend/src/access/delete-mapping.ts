import { emitAudit } from '#audit'
import { describeActor, type RequestContext } from '#context'
import { authorize, hubWide, requireFresh } from '#rbac'
import { requireAdministrator } from './administrators.ts'
import { applyPlan } from './apply-plan.ts'
import { announceMapping, lockMappings } from './create-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { getMappingRow } from './list-mappings.ts'
import { planGroupGrants } from './plan-group-grants.ts'
import { describeMapping } from './present.ts'
import { deleteMappingRow, findGrantsOfMapping } from './store.ts'

/**
 * Removes a mapping and what it gave, at once. Throws what `authorize` and `requireFresh` throw, `not-found`, and
 * `conflict` where nobody would administer the hub any more.
 */
export async function deleteMapping(
  ctx: RequestContext,
  deps: AccessDeps,
  id: string,
): Promise<void> {
  authorize(ctx, 'group-mapping.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  await ctx.db.transaction(async (tx) => {
    await lockMappings(tx)
    const before = await getMappingRow(tx, deps, id)
    const plan = planGroupGrants([], [], await findGrantsOfMapping(tx, id))
    const people = await applyPlan(tx, plan, {
      now: ctx.now(),
      createdBy: describeActor(ctx.actor),
    })
    await deleteMappingRow(tx, id)
    await announceMapping(tx, id)
    if (before.role === 'admin') await requireAdministrator(tx, deps, true, ctx.now())
    await emitAudit(tx, ctx, {
      action: 'group-mapping.delete',
      outcome: 'success',
      target: { mappingId: id },
      before: { ...describeMapping(before), people },
    })
  })
}
