import { Button, Select, TextInput } from '@mantine/core'
import { ProviderId, type GroupMapping, type Provider } from '@hub/shared'
import { IconPlus } from '@tabler/icons-react'
import { DialogForm } from '../../components/dialog-form.tsx'
import { KeptDialog, useKept, useKeptDialog } from '../../components/kept-dialog.tsx'
import { LimitFields } from '../../components/limit-fields.tsx'
import { ScopeFields } from '../../components/scope-fields.tsx'
import { useScopeForm } from '../../components/use-scope-form.ts'
import { readLimits, toLimitValues } from '../../lib/access/limits-input.ts'
import { toScopeValues } from '../../lib/access/scope-input.ts'
import { describeProvider } from '../../lib/access/words.ts'
import { GroupField } from './group-field.tsx'
import { saveMappingMutation } from './queries.ts'

export interface EditMappingProps {
  instances: readonly string[]
  /** Those people can sign in with. */
  providers: readonly Provider[]
  /** The one to change; without it a new one is made. */
  mapping?: GroupMapping
}

export function EditMapping(props: EditMappingProps) {
  const { mapping } = props
  const dialog = useKeptDialog(`mapping:${mapping?.id ?? 'new'}`)
  return (
    <>
      {mapping === undefined ? (
        <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
          Map a group
        </Button>
      ) : (
        <Button
          variant="default"
          size="xs"
          aria-label={`Change ${mapping.groupName ?? mapping.groupId}`}
          onClick={dialog.open}
        >
          Change
        </Button>
      )}
      <KeptDialog
        dialog={dialog}
        title={mapping === undefined ? 'Map a group to a role' : 'Change what a group gives'}
        size="lg"
      >
        <MappingForm {...props} onDone={dialog.close} />
      </KeptDialog>
    </>
  )
}

function MappingForm({
  instances,
  providers,
  mapping,
  onDone,
}: EditMappingProps & { onDone: () => void }) {
  const isNew = mapping === undefined
  const [chosenProvider, setProvider] = useKept('provider', mapping?.provider ?? null)
  const provider = chosenProvider ?? providers[0]?.id ?? 'entra'
  const [groupId, setGroupId] = useKept('groupId', mapping?.groupId ?? '')
  const [groupName, setGroupName] = useKept('groupName', mapping?.groupName ?? '')
  const [limits, setLimits] = useKept('limits', toLimitValues(mapping?.limits))
  const { change, error, errors, isPending, scopeFields, submit } = useScopeForm({
    given: mapping && toScopeValues(mapping),
    mutation: saveMappingMutation(mapping?.id),
    readRest: () => {
      const group = groupId.trim()
      if (group === '') return { errors: { groupId: 'Which group? Choose one, or enter its id.' } }
      const name = groupName.trim()
      const read = readLimits(limits)
      if (read.errors) return { errors: read.errors }
      const named = name === '' ? {} : { groupName: name }
      return { input: { provider, groupId: group, ...named, ...read } }
    },
    onSent: onDone,
  })
  return (
    <DialogForm
      error={error}
      errorTitle={isNew ? 'The group could not be mapped' : 'The mapping could not be changed'}
      action={isNew ? 'Map group' : 'Save'}
      isPending={isPending}
      onSubmit={submit}
      onCancel={onDone}
    >
      <ProviderField
        providers={providers}
        value={provider}
        onChange={(id) => change(() => setProvider(id))}
      />
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
        description="Only for display; the id decides"
        maxLength={256}
        value={groupName}
        error={errors['groupName']}
        onChange={({ currentTarget: { value } }) => change(() => setGroupName(value))}
      />
      <ScopeFields {...scopeFields} instances={instances} />
      <LimitFields
        values={limits}
        errors={errors}
        onChange={(changed) => change(() => setLimits(changed))}
      />
    </DialogForm>
  )
}

/** Only where there is a choice. */
function ProviderField({
  providers,
  value,
  onChange,
}: Pick<EditMappingProps, 'providers'> & {
  value: ProviderId
  onChange: (id: ProviderId) => void
}) {
  const offered = ProviderId.options.filter(
    (id) => id === value || providers.some((each) => each.id === id),
  )
  if (offered.length < 2) return null
  return (
    <Select
      label="Identity provider"
      allowDeselect={false}
      data={offered.map((id) => ({
        value: id,
        label: providers.find((each) => each.id === id)?.name ?? describeProvider(id),
      }))}
      value={value}
      onChange={(id) => onChange(ProviderId.parse(id))}
    />
  )
}
