import type { Transaction } from '#db'
import { moveRequests } from './requests/store.ts'
import { deleteGrants, findGrantRows, moveGrants, type GrantRow } from './store.ts'

/**
 * Gives to one person what was granted by hand to another, but for what they hold already, and what the other one asked
 * for. What groups gave to the other one ends.
 */
export async function moveAccess(
  tx: Transaction,
  { from, to }: { from: string; to: string },
): Promise<{ groupGrantsEnded: number; grantsMoved: string[] }> {
  const rows = await findGrantRows(tx, { userId: from })
  const ofGroups = rows.filter(({ source }) => source === 'group')
  await deleteGrants(
    tx,
    ofGroups.map(({ id }) => id),
  )
  const held = new Set((await findGrantRows(tx, { userId: to })).map(describeGrant))
  const moved = rows
    .filter((grant) => grant.source !== 'group' && !held.has(describeGrant(grant)))
    .map(({ id }) => id)
  await moveGrants(tx, moved, to)
  await moveRequests(tx, from, to)
  return { groupGrantsEnded: ofGroups.length, grantsMoved: moved }
}

function describeGrant({ endsAt, instanceId, namespaces, role }: GrantRow): string {
  const places = namespaces === null ? null : [...namespaces].toSorted()
  return JSON.stringify([role, instanceId, places, endsAt?.getTime() ?? null])
}
