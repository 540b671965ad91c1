import { Autocomplete, Checkbox, Select, Stack, TagsInput, Text } from '@mantine/core'
import { roles, type Role } from '@hub/shared'
import { roleLabels, roleMeanings } from '../lib/access/words.ts'
import { splitNames, type ScopeValues } from '../lib/access/scope-input.ts'
import type { FieldErrors } from '../lib/api/field-errors.ts'

export interface ScopeFieldsProps {
  values: ScopeValues
  errors: FieldErrors
  /** The names to suggest; another one can be typed. */
  instances: readonly string[]
  /** Whether the form begins with them, and the focus with it. */
  isFirst?: boolean
  onChange: (values: ScopeValues) => void
}

/** The fields for a role and where it holds. */
export function ScopeFields(props: ScopeFieldsProps) {
  return (
    <>
      <RoleField {...props} />
      {props.values.role !== 'admin' && (
        <>
          <InstanceFields {...props} />
          <NamespaceFields {...props} />
        </>
      )}
    </>
  )
}

function RoleField({ values, errors, isFirst = false, onChange }: ScopeFieldsProps) {
  const { role } = values
  return (
    <Select
      label="Role"
      allowDeselect={false}
      {...(isFirst && { 'data-autofocus': true })}
      data={roles.map((each) => ({
        value: each,
        label: roleLabels[each],
      }))}
      description={roleMeanings[role]}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.label}</Text>
          <Text size="xs" c="dimmed">
            {roleMeanings[findRole(option.value)]}
          </Text>
        </div>
      )}
      value={role}
      error={errors['role']}
      onChange={(chosen) => {
        if (chosen !== null) onChange({ ...values, role: findRole(chosen) })
      }}
    />
  )
}

function InstanceFields({ values, errors, instances, onChange }: ScopeFieldsProps) {
  const { everyInstance, instance } = values
  return (
    <Stack gap="xs">
      <Autocomplete
        label="Instance"
        placeholder={everyInstance ? 'Every instance' : ''}
        aria-required={!everyInstance}
        disabled={everyInstance}
        spellCheck={false}
        autoCapitalize="off"
        data={[...instances]}
        value={everyInstance ? '' : instance}
        error={errors['instanceId']}
        onChange={(typed) => onChange({ ...values, instance: typed })}
      />
      <Checkbox
        label="Every instance"
        description="Including those added later"
        checked={everyInstance}
        onChange={({ currentTarget }) =>
          onChange({ ...values, everyInstance: currentTarget.checked })
        }
      />
    </Stack>
  )
}

function NamespaceFields({ values, errors, onChange }: ScopeFieldsProps) {
  const { allNamespaces, namespaces } = values
  return (
    <Stack gap="xs">
      <TagsInput
        label="Namespaces"
        description="Press comma or Enter after each"
        placeholder={allNamespaces ? 'All namespaces' : ''}
        aria-required={!allNamespaces}
        disabled={allNamespaces}
        spellCheck={false}
        autoCapitalize="off"
        splitChars={[',', ' ']}
        acceptValueOnBlur
        clearable
        clearButtonProps={{ 'aria-label': 'Clear the namespaces' }}
        value={allNamespaces ? [] : namespaces}
        error={errors['namespaces']}
        onChange={(typed) => onChange({ ...values, namespaces: splitNames(typed) })}
      />
      <Checkbox
        label="All namespaces"
        description="Including those created later"
        checked={allNamespaces}
        onChange={({ currentTarget }) =>
          onChange({ ...values, allNamespaces: currentTarget.checked })
        }
      />
    </Stack>
  )
}

/** The list offers no other. */
function findRole(value: string): Role {
  return roles.find((role) => role === value)!
}
