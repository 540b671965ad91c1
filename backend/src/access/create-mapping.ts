import { randomUUID } from 'node:crypto'
import type { GroupMapping, GroupMappingInput } from '@hub/shared'
import { emitAudit } from '#audit'
import { normalizeGroupId } from '#config'
import { describeActor, type RequestContext } from '#context'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { findIdentitiesNaming } from '#people'
import { authorize, hubWide, instanceNotFound, requireFresh } from '#rbac'
import { applyPlan } from './apply-plan.ts'
import { describeFileOnly } from './configured.ts'
import type { AccessDeps } from './deps.ts'
import { readMapping } from './list-mappings.ts'
import {
  isSameScope,
  planGroupGrants,
  readHeldGroups,
  type HeldGroups,
} from './plan-group-grants.ts'
import { describeMapping, readLimits } from './present.ts'
import {
  findGrantsOfMapping,
  findMappingsOfGroup,
  insertMapping,
  type MappingRow,
} from './store.ts'

/**
 * Gives a role to a group, at once to everybody known to be in it. Throws what `authorize` and `requireFresh` throw,
 * `not-found` for an unknown instance, and `conflict` where the group has the very same already.
 */
export async function createMapping(
  ctx: RequestContext,
  deps: AccessDeps,
  input: GroupMappingInput,
): Promise<GroupMapping> {
  authorize(ctx, 'group-mapping.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  const row: MappingRow = {
    id: randomUUID(),
    ...toMapping(input),
    createdAt: ctx.now(),
    createdBy: describeActor(ctx.actor),
  }
  refuseUnknownInstance(ctx, deps, row.instanceId)
  await ctx.db.transaction(async (tx) => {
    await lockMappings(tx)
    await refuseDuplicate(tx, deps, row)
    await insertMapping(tx, row)
    await announceMapping(tx, row.id)
    const people = await applyMapping(tx, ctx, deps, row)
    await emitAudit(tx, ctx, {
      action: 'group-mapping.create',
      outcome: 'success',
      target: { mappingId: row.id },
      after: { ...describeMapping(row), people },
    })
  })
  return readMapping(ctx, row)
}

export function toMapping(input: GroupMappingInput) {
  const { groupName, instanceId, limits, namespaces, provider, role } = input
  return {
    provider,
    groupId: normalizeGroupId(input),
    groupName: groupName ?? null,
    role,
    instanceId: instanceId ?? null,
    namespaces: namespaces ? [...new Set(namespaces)] : null,
    limits: readLimits(limits),
  }
}

/** No sign-in reconciles meanwhile, and nobody else decides who administers the hub. */
export async function lockMappings(tx: Transaction): Promise<void> {
  await tx.lock('administrators')
  await tx.lock('groups')
}

/** Besides whose grants it changes, for who follows where people may look: also where nobody is in the group yet. */
export async function announceMapping(tx: Transaction, id: string): Promise<void> {
  await tx.announce({ topic: 'grants', subject: id })
}

export function refuseUnknownInstance(
  ctx: RequestContext,
  deps: Pick<AccessDeps, 'hasInstance'>,
  instanceId: string | null,
): void {
  if (instanceId !== null && !deps.hasInstance(instanceId)) throw instanceNotFound(ctx, instanceId)
}

export async function refuseDuplicate(
  tx: Transaction,
  { configured }: AccessDeps,
  row: MappingRow,
): Promise<void> {
  const isSameGroup = (other: MappingRow) =>
    other.provider === row.provider && other.groupId === row.groupId
  if (configured.mappings().some((other) => isSameGroup(other) && isSameScope(other, row))) {
    const what = `That the group ${row.groupName ?? row.groupId} already has this role there`
    throw new AppError('conflict', { detail: describeFileOnly(what, configured) })
  }
  const others = await findMappingsOfGroup(tx, row)
  if (!others.some((other) => other.id !== row.id && isSameScope(other, row))) return
  throw new AppError('conflict', {
    detail: `The group ${row.groupName ?? row.groupId} already has this role there. Change that mapping, or choose another role or place.`,
  })
}

/** Makes everybody's grants of this mapping what it says now. Returns for how many people that is a change. */
export async function applyMapping(
  tx: Transaction,
  ctx: RequestContext,
  deps: AccessDeps,
  row: MappingRow,
): Promise<number> {
  const now = ctx.now()
  const held: HeldGroups[] = []
  for await (const identities of findIdentitiesNaming(tx, row)) {
    for (const identity of identities) {
      const { groupIds, provider, userId } = readHeldGroups(identity, deps.groupStaleSeconds, now)
      // Of what may be everybody, with all that they are in, no more is kept than counts here.
      if (!groupIds.has(row.groupId)) continue
      held.push({ userId, provider, groupIds: new Set([row.groupId]) })
    }
  }
  const plan = planGroupGrants(held, [row], await findGrantsOfMapping(tx, row.id))
  return applyPlan(tx, plan, { now, createdBy: describeActor(ctx.actor) })
}
