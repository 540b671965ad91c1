import type { GroupMapping, GroupMappingInput } from '@hub/shared'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { authorize, hubWide, requireFresh } from '#rbac'
import { requireAdministrator } from './administrators.ts'
import {
  announceMapping,
  applyMapping,
  lockMappings,
  refuseDuplicate,
  refuseUnknownInstance,
  toMapping,
} from './create-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { getMappingRow, readMapping } from './list-mappings.ts'
import { describeMapping } from './present.ts'
import { updateMapping as updateRow } from './store.ts'

/**
 * Replaces a mapping, at once for everybody. Throws what `createMapping` throws, `not-found`, and `conflict` where nobody
 * would administer the hub any more. An instance that is gone may stay in it.
 */
export async function updateMapping(
  ctx: RequestContext,
  deps: AccessDeps,
  id: string,
  input: GroupMappingInput,
): Promise<GroupMapping> {
  authorize(ctx, 'group-mapping.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  const changed = await ctx.db.transaction(async (tx) => {
    await lockMappings(tx)
    const before = await getMappingRow(tx, deps, id)
    const row = { ...before, ...toMapping(input) }
    if (row.instanceId !== before.instanceId) refuseUnknownInstance(ctx, deps, row.instanceId)
    await refuseDuplicate(tx, deps, row)
    await updateRow(tx, row)
    await announceMapping(tx, id)
    const people = await applyMapping(tx, ctx, deps, row)
    if (before.role === 'admin') await requireAdministrator(tx, deps, true, ctx.now())
    await emitAudit(tx, ctx, {
      action: 'group-mapping.update',
      outcome: 'success',
      target: { mappingId: id },
      before: describeMapping(before),
      after: { ...describeMapping(row), people },
    })
    return row
  })
  return readMapping(ctx, changed)
}
