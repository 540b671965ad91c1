import { Checkbox, Stack, Text } from '@mantine/core'
import type { InstancePolicyInput } from '@hub/shared'
import { fieldWords, policyFields } from './policy-words.ts'

type DeployersMay = InstancePolicyInput['deployersMay']

/** What deployers may set of what reaches a pod. */
export function DeployersMayFields({
  value,
  onChange,
}: {
  value: DeployersMay
  onChange: (value: DeployersMay) => void
}) {
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
      <Text component="legend" size="sm" fw={500} mb={8}>
        Deployers may set
      </Text>
      <Stack gap="sm">
        {policyFields.map((field) => (
          <Checkbox
            key={field}
            label={fieldWords[field].label}
            description={fieldWords[field].description}
            checked={value[field]}
            onChange={({ currentTarget: { checked } }) => onChange({ ...value, [field]: checked })}
          />
        ))}
      </Stack>
    </fieldset>
  )
}
