/** A group as its provider names it: `id` is what mappings refer to, `name` is for display. */
export type Group = { id: string; name: string | null }

/** What a provider said about somebody's groups; why it is not all of them is for the log. */
export type ProvenGroups = {
  /** How many entries of its answer named no group and were left out. */
  dropped?: number
} & (
  | /** All there are. */
    { groupsState: 'fresh'; groups: readonly Group[] }
  /** All but those of some parents, which it left out; null where it does not say of which. */
  | {
      groupsState: 'stale'
      groups: readonly Group[]
      omittedParents: readonly string[] | null
      reason: unknown
    }
  /** Nothing: not asked for, refused, or not answered. */
  | { groupsState: 'unknown'; groups: null; reason: unknown }
)

export type KnownGroups = {
  groups: readonly Group[] | null
  groupsState: string
  groupsSyncedAt: Date | null
}

/**
 * What is known after a look-up. Unknown is not empty: what could not be looked up stays as it was, marked `stale`, and
 * what was looked up replaces it. `groupsSyncedAt` is when the list was last complete.
 */
export function mergeGroups(
  known: KnownGroups | null,
  proven: ProvenGroups,
  now: Date,
): KnownGroups & { groupsState: ProvenGroups['groupsState'] } {
  const before = known?.groups ?? null
  const groupsSyncedAt = known?.groupsSyncedAt ?? null
  switch (proven.groupsState) {
    case 'fresh':
      return { groups: proven.groups, groupsState: 'fresh', groupsSyncedAt: now }
    case 'stale': {
      const present = new Set(proven.groups.map(({ id }) => id))
      const kept = selectOmitted(before ?? [], proven.omittedParents)
      const groups = [...proven.groups, ...kept.filter(({ id }) => !present.has(id))]
      return { groups, groupsState: 'stale', groupsSyncedAt }
    }
    case 'unknown':
      return before === null
        ? { groups: null, groupsState: 'unknown', groupsSyncedAt: null }
        : { groups: before, groupsState: 'stale', groupsSyncedAt }
  }
}

/** The parents themselves, and what is named below them: `acme/platform` is below `acme`. */
function selectOmitted(
  groups: readonly Group[],
  parents: readonly string[] | null,
): readonly Group[] {
  if (parents === null) return groups
  const names = groups.flatMap(({ id, name }) =>
    parents.includes(id) && name !== null ? [`${name.toLowerCase()}/`] : [],
  )
  return groups.filter(
    ({ id, name }) =>
      parents.includes(id) || names.some((prefix) => name?.toLowerCase().startsWith(prefix)),
  )
}
