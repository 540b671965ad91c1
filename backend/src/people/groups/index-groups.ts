import type { Transaction } from '#db'
import { updateSynced, writeMemberships, type SyncedGroups } from './store.ts'

/**
 * Makes a change of these people's groups, or of whose an identity is, and keeps what finds people by group true to it.
 * Whoever writes `identities.groups` or `identities.userId` does it in here.
 */
export async function indexGroups<T>(
  tx: Transaction,
  userIds: readonly string[],
  change: () => Promise<T>,
): Promise<T> {
  const result = await change()
  await writeMemberships(tx, userIds)
  return result
}

/** Writes down what a look-up said of an identity. */
export async function updateGroups(
  tx: Transaction,
  { id, userId }: { id: string; userId: string },
  synced: SyncedGroups,
): Promise<void> {
  await indexGroups(tx, [userId], () => updateSynced(tx, id, synced))
}
