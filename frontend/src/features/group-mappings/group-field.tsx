import { Autocomplete, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import type { ProviderId } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { countPeople } from '../../lib/access/words.ts'
import { knownGroupsQuery } from './queries.ts'

export interface GroupFieldProps {
  provider: ProviderId
  groupId: string
  error: string | undefined
  /** With the name where a known group was chosen. */
  onChange: (id: string, name?: string) => void
}

const askAfterMs = 250
const searchLengthMax = 200

/** What a group's id is. */
const hints: Record<ProviderId, string> = {
  entra: 'The object id of the group, or part of a name known here',
  github: 'The id of the organization or team, or part of a name',
  oidc: 'The group as its claim names it',
}

/** Looks for a group among those people are known to be in, and takes an id that nobody is known by yet. */
export function GroupField({ provider, groupId, error, onChange }: GroupFieldProps) {
  const [q] = useDebouncedValue(groupId.trim().slice(0, searchLengthMax), askAfterMs)
  const known = useQuery(knownGroupsQuery(provider, q))
  const groups = known.data?.items ?? []
  const chosen = groups.find(({ id }) => id === groupId.trim())
  return (
    <div>
      <Autocomplete
        label="Group"
        description={hints[provider]}
        aria-required
        data-autofocus
        spellCheck={false}
        autoCapitalize="off"
        maxLength={256}
        // The hub has searched: names are among what matches, and the value is an id.
        filter={({ options }) => options}
        data={groups.map(({ id }) => id)}
        renderOption={({ option }) => {
          const group = groups.find(({ id }) => id === option.value)
          return (
            <div>
              <Text size="sm">{group?.name ?? option.value}</Text>
              <Text size="xs" c="dimmed">
                {group && group.name !== null && group.name !== group.id && `${group.id} · `}
                {countPeople(group?.people ?? 0)}
              </Text>
            </div>
          )
        }}
        value={groupId}
        error={error}
        onChange={(value) => onChange(value)}
        onOptionSubmit={(value) => {
          const name = groups.find(({ id }) => id === value)?.name
          if (name) onChange(value, name)
        }}
      />
      {groupId.trim() !== '' && !known.isPending && !known.isPlaceholderData && (
        <Text size="xs" c="dimmed" mt={4} aria-live="polite">
          {known.isError
            ? 'Groups cannot be looked up at the moment; you can still enter an id.'
            : chosen
              ? `${countPeople(chosen.people)} who signed in ${chosen.people === 1 ? 'is' : 'are'} in this group${chosen.name === null || chosen.name === chosen.id ? '' : `, ${chosen.name}`}.`
              : 'Nobody who has signed in is known to be in a group with this id. Members get the role at their next sign-in, or when the hub next looks up their groups.'}
        </Text>
      )}
    </div>
  )
}
