import type { IdentityRow } from '#people'
import type { GrantRow, MappingRow } from './store.ts'

/** What is known of somebody's groups at one provider. */
export type HeldGroups = { userId: string; provider: string; groupIds: ReadonlySet<string> }

export type GroupPlan = {
  added: { userId: string; mapping: MappingRow }[]
  changed: { grant: GrantRow; mapping: MappingRow }[]
  removed: GrantRow[]
}

type Scope = Pick<MappingRow, 'role' | 'instanceId' | 'namespaces'>

/**
 * What makes the `group` grants among `present` exactly those that the mappings give to whoever holds the groups: one
 * for each person and mapping. Grants of other sources are never part of it.
 */
export function planGroupGrants(
  held: readonly HeldGroups[],
  mappings: readonly MappingRow[],
  present: readonly GrantRow[],
): GroupPlan {
  const wanted = new Map<string, { userId: string; mapping: MappingRow }>()
  for (const mapping of mappings) {
    for (const { groupIds, provider, userId } of held) {
      if (provider !== mapping.provider || !groupIds.has(mapping.groupId)) continue
      wanted.set(keyOf(userId, mapping.id), { userId, mapping })
    }
  }
  const plan: GroupPlan = { added: [], changed: [], removed: [] }
  for (const grant of present) {
    if (grant.source !== 'group') continue
    const key = keyOf(grant.userId, grant.mappingId)
    const found = wanted.get(key)
    // A second grant of one mapping finds nothing any more.
    wanted.delete(key)
    if (!found) plan.removed.push(grant)
    else if (!isSameGiven(grant, found.mapping)) plan.changed.push({ grant, ...found })
  }
  plan.added.push(...wanted.values())
  return plan
}

/**
 * The groups that count. Unknown is not empty, but gave nothing yet; what could not be looked up again counts for a
 * while.
 */
export function readHeldGroups(
  identity: Pick<
    IdentityRow,
    'createdAt' | 'groupsState' | 'groupsSyncedAt' | 'provider' | 'userId'
  > & { groups: readonly { id: string }[] | null },
  staleSeconds: number,
  now: Date,
): HeldGroups {
  const { createdAt, groups, groupsState, groupsSyncedAt, provider, userId } = identity
  const age = now.getTime() - (groupsSyncedAt ?? createdAt).getTime()
  const counts = groupsState === 'fresh' || (groupsState === 'stale' && age <= staleSeconds * 1000)
  return { userId, provider, groupIds: new Set(counts ? groups?.map(({ id }) => id) : []) }
}

function isSameGiven(grant: GrantRow, mapping: MappingRow): boolean {
  return isSameScope(grant, mapping) && isSameLimits(grant.limits, mapping.limits)
}

function isSameLimits(left: GrantRow['limits'], right: GrantRow['limits']): boolean {
  const names = ['requestsPerMinute', 'tokensPerDay', 'gpusAtOnce'] as const
  return names.every((name) => left?.[name] === right?.[name])
}

/** Whether both give the same at the same places. */
export function isSameScope(left: Scope, right: Scope): boolean {
  return (
    left.role === right.role &&
    left.instanceId === right.instanceId &&
    describePlaces(left) === describePlaces(right)
  )
}

function describePlaces({ namespaces }: Scope): string {
  return namespaces === null ? '*' : [...new Set(namespaces)].toSorted().join(',')
}

function keyOf(userId: string | null, mappingId: string | null): string {
  return `${userId} ${mappingId}`
}
