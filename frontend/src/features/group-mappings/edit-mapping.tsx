import { Autocomplete, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { ProviderId, type GroupMapping, type GroupMappingInput } from '@hub/shared'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { ScopeFields } from '../../components/scope-fields.tsx'
import { countPeople, describeProvider } from '../../lib/access/words.ts'
import { createGroupMapping, updateGroupMapping } from '../../lib/api/admin-client.ts'
import {
  checkScope,
  narrowScope,
  readFieldErrors,
  toScopeInput,
  type FieldErrors,
  type ScopeValues,
} from '../../lib/access/scope-input.ts'
import { groupMappingsQuery, knownGroupsQuery, providersQuery } from './queries.ts'
import form from '../../components/form.module.css'

export interface EditMappingProps {
  instances: readonly string[]
  /** The one to change; without it a new one is made. */
  mapping?: GroupMapping
}

const askAfterMs = 250
const searchLengthMax = 200

/** What a group's id is. */
const hints: Record<ProviderId, string> = {
  entra: 'The object id of the group, or part of a name known here',
  github: 'The id of the organization or team, or part of a name',
  oidc: 'The group as its claim names it',
}

export function EditMapping(props: EditMappingProps) {
  const [opened, { open, close }] = useDisclosure(false)
  const { mapping } = props
  return (
    <>
      {mapping === undefined ? (
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          Map a group
        </Button>
      ) : (
        <Button
          variant="default"
          size="xs"
          aria-label={`Change ${mapping.groupName ?? mapping.groupId}`}
          onClick={open}
        >
          Change
        </Button>
      )}
      <Modal
        opened={opened}
        onClose={close}
        title={mapping === undefined ? 'Map a group to a role' : 'Change what a group gives'}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <MappingForm {...props} onDone={close} />
      </Modal>
    </>
  )
}

function MappingForm({ instances, mapping, onDone }: EditMappingProps & { onDone: () => void }) {
  const client = useQueryClient()
  const enabled = useQuery(providersQuery()).data?.items ?? []
  const [chosenProvider, setProvider] = useState(mapping?.provider)
  const provider = chosenProvider ?? enabled[0]?.id ?? 'entra'
  const [groupId, setGroupId] = useState(mapping?.groupId ?? '')
  const [groupName, setGroupName] = useState(mapping?.groupName ?? '')
  const [scope, setScope] = useState<ScopeValues>(
    mapping === undefined
      ? narrowScope
      : {
          role: mapping.role,
          instance: mapping.instanceId ?? '',
          everyInstance: mapping.instanceId === null,
          namespaces: mapping.namespaces ?? [],
          allNamespaces: mapping.namespaces === null,
        },
  )
  const [errors, setErrors] = useState<FieldErrors>({})
  const saving = useMutation({
    mutationFn: (input: GroupMappingInput) =>
      mapping === undefined ? createGroupMapping(input) : updateGroupMapping(mapping.id, input),
    onError: (error) => setErrors(readFieldErrors(error)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: groupMappingsQuery().queryKey })
      onDone()
    },
  })
  const change = (apply: () => void) => {
    apply()
    setErrors({})
    if (!saving.isPending) saving.reset()
  }
  const offered = ProviderId.options.filter(
    (id) => id === provider || enabled.some((each) => each.id === id),
  )
  return (
    <form
      noValidate
      className={form.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (saving.isPending) return
        const wrong = {
          ...checkScope(scope),
          ...(groupId.trim() === '' && { groupId: 'Which group? Choose one, or enter its id.' }),
        }
        setErrors(wrong)
        if (Object.keys(wrong).length > 0) return
        saving.mutate({
          provider,
          groupId: groupId.trim(),
          ...(groupName.trim() !== '' && { groupName: groupName.trim() }),
          ...toScopeInput(scope),
        })
      }}
    >
      <Stack gap="md">
        {offered.length > 1 && (
          <Select
            label="Identity provider"
            allowDeselect={false}
            data={offered.map((id) => ({
              value: id,
              label: enabled.find((each) => each.id === id)?.name ?? describeProvider(id),
            }))}
            value={provider}
            onChange={(value) => change(() => setProvider(ProviderId.parse(value)))}
          />
        )}
        <GroupField
          provider={provider}
          groupId={groupId}
          error={errors['groupId']}
          onChange={(id, name) =>
            change(() => {
              setGroupId(id)
              if (name !== undefined) setGroupName(name)
            })
          }
        />
        <TextInput
          label="Name"
          description="For people to read; it decides nothing"
          maxLength={256}
          value={groupName}
          error={errors['groupName']}
          onChange={(event) => {
            const { value } = event.currentTarget
            change(() => setGroupName(value))
          }}
        />
        <ScopeFields
          values={scope}
          errors={errors}
          instances={instances}
          onChange={(values) => change(() => setScope(values))}
        />
        {saving.isError && (
          <ProblemNotice
            title={
              mapping === undefined
                ? 'The group could not be mapped'
                : 'The mapping could not be changed'
            }
            error={saving.error}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {mapping === undefined ? 'Map group' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Looks for a group among those people are known to be in, and takes an id that nobody is known by yet. */
function GroupField({
  provider,
  groupId,
  error,
  onChange,
}: {
  provider: ProviderId
  groupId: string
  error: string | undefined
  /** With the name where a known group was chosen. */
  onChange: (id: string, name?: string) => void
}) {
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
            ? 'Groups could not be looked up just now; an id can be entered all the same.'
            : chosen
              ? `${countPeople(chosen.people)} who signed in ${chosen.people === 1 ? 'is' : 'are'} in this group${chosen.name === null || chosen.name === chosen.id ? '' : `, ${chosen.name}`}.`
              : 'Nobody who has signed in is known to be in a group with this id. Whoever is gets the role at their next sign-in, or when the hub looks their groups up again.'}
        </Text>
      )}
    </div>
  )
}
