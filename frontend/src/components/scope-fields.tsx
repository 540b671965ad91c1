import { Autocomplete, Select, TagsInput, Text } from '@mantine/core'
import { Role } from '@hub/shared'
import { roleLabels, roleMeanings } from '../lib/access-words.ts'
import { splitNames, type FieldErrors, type ScopeValues } from '../lib/scope-input.ts'

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
export function ScopeFields({
  values,
  errors,
  instances,
  isFirst = false,
  onChange,
}: ScopeFieldsProps) {
  const { instance, namespaces, role } = values
  return (
    <>
      <Select
        label="Role"
        allowDeselect={false}
        {...(isFirst && { 'data-autofocus': true })}
        data={Role.options.map((each) => ({
          value: each,
          label: roleLabels[each],
        }))}
        description={roleMeanings[role]}
        renderOption={({ option }) => (
          <div>
            <Text size="sm">{option.label}</Text>
            <Text size="xs" c="dimmed">
              {roleMeanings[Role.parse(option.value)]}
            </Text>
          </div>
        )}
        value={role}
        error={errors['role']}
        onChange={(chosen) => {
          if (chosen !== null) onChange({ ...values, role: Role.parse(chosen) })
        }}
      />
      {role !== 'admin' && (
        <>
          <Autocomplete
            label="Instance"
            description="Leave it empty for every instance"
            placeholder="Every instance"
            spellCheck={false}
            autoCapitalize="off"
            data={[...instances]}
            value={instance}
            error={errors['instanceId']}
            onChange={(typed) => onChange({ ...values, instance: typed })}
          />
          <TagsInput
            label="Namespaces"
            description="With a comma or Enter after each; leave it empty for all namespaces"
            placeholder={namespaces.length === 0 ? 'All namespaces' : ''}
            spellCheck={false}
            autoCapitalize="off"
            splitChars={[',', ' ']}
            acceptValueOnBlur
            clearable
            clearButtonProps={{ 'aria-label': 'Clear the namespaces' }}
            value={namespaces}
            error={errors['namespaces']}
            onChange={(typed) => onChange({ ...values, namespaces: splitNames(typed) })}
          />
        </>
      )}
    </>
  )
}
