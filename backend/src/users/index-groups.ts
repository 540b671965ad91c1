import type { Transaction } from '#db'
import {
  countIntoGroup,
  deleteMemberships,
  findMemberships,
  insertMemberships,
  readMemberships,
} from './store.ts'

/**
 * Makes a change of these people's groups, or of whose an identity is, and keeps what finds people by group true to it.
 * Whoever writes `identities.groups` or `identities.userId` does it in here.
 */
export async function indexGroups<T>(
  tx: Transaction,
  userIds: readonly string[],
  change: () => Promise<T>,
): Promise<T> {
  const before = await findMemberships(tx, userIds)
  const result = await change()
  const after = await readMemberships(tx, userIds)
  const kept = new Set(after.map(({ id }) => id))
  const known = new Set(before.map(({ id }) => id))
  const gone = before.filter(({ id }) => !kept.has(id))
  const added = after.filter(({ id }) => !known.has(id))
  await deleteMemberships(
    tx,
    gone.map(({ id }) => id),
  )
  await insertMemberships(
    tx,
    added.map(({ groupId, id, identityId, provider }) => ({ id, identityId, provider, groupId })),
  )
  // A person with two identities in a group is one person, and an identity may have become another's.
  const were = Map.groupBy(before, keyOf)
  const are = Map.groupBy(after, keyOf)
  // Always in one order, so that two sign-ins never wait for each other.
  for (const key of [...new Set([...were.keys(), ...are.keys()])].toSorted()) {
    const [old = [], now = []] = [were.get(key), are.get(key)]
    const people = countPeople(now) - countPeople(old)
    if (people === 0) continue
    const { groupId, provider } = (now[0] ?? old[0])!
    await countIntoGroup(tx, { provider, groupId, name: now[0]?.name ?? null }, people)
  }
  return result
}

function keyOf({ groupId, provider }: { provider: string; groupId: string }): string {
  return `${provider} ${groupId}`
}

function countPeople(memberships: readonly { userId: string }[]): number {
  return new Set(memberships.map(({ userId }) => userId)).size
}
