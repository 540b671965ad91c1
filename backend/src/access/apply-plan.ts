import { randomUUID } from 'node:crypto'
import type { Transaction } from '#db'
import type { GroupPlan } from './plan-group-grants.ts'
import { deleteGrants, insertGrants, updateGrantScopes, type MappingRow } from './store.ts'

/** Writes what a plan says, and announces it for everybody concerned. Returns how many people that are. */
export async function applyPlan(
  tx: Transaction,
  { added, changed, removed }: GroupPlan,
  by: { now: Date; createdBy: string },
): Promise<number> {
  await deleteGrants(
    tx,
    removed.map(({ id }) => id),
  )
  const changedBy = Map.groupBy(changed, ({ mapping }) => mapping)
  for (const [mapping, entries] of changedBy) {
    await updateGrantScopes(
      tx,
      entries.map(({ grant }) => grant.id),
      scopeOf(mapping),
    )
  }
  await insertGrants(
    tx,
    added.map(({ mapping, userId }) => ({
      id: randomUUID(),
      userId,
      servicePrincipalId: null,
      ...scopeOf(mapping),
      source: 'group',
      mappingId: mapping.id,
      endsAt: null,
      endedAt: null,
      createdAt: by.now,
      createdBy: by.createdBy,
    })),
  )
  const concerned = new Set(
    [...removed, ...changed.map(({ grant }) => grant), ...added].flatMap(({ userId }) =>
      userId === null ? [] : [userId],
    ),
  )
  for (const subject of concerned) await tx.announce({ topic: 'grants', subject })
  return concerned.size
}

function scopeOf({ instanceId, limits, namespaces, role }: MappingRow) {
  return { role, instanceId, namespaces, limits }
}
