import { SimpleGrid, TextInput } from '@mantine/core'
import type { LimitValues } from '../lib/access/limits-input.ts'
import type { FieldErrors } from '../lib/api/field-errors.ts'

export interface LimitFieldsProps {
  values: LimitValues
  errors: FieldErrors
  onChange: (values: LimitValues) => void
}

/** The fields for how much may be used by a role. */
export function LimitFields({ values, errors, onChange }: LimitFieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <TextInput
        label="Model requests per minute"
        description="Empty for no limit"
        inputMode="numeric"
        value={values.requestsPerMinute}
        error={errors['requestsPerMinute'] ?? errors['limits']}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...values, requestsPerMinute: value })
        }
      />
      <TextInput
        label="Tokens per day"
        description="Of prompts and answers; empty for no limit"
        inputMode="numeric"
        value={values.tokensPerDay}
        error={errors['tokensPerDay']}
        onChange={({ currentTarget: { value } }) => onChange({ ...values, tokensPerDay: value })}
      />
      <TextInput
        label="GPUs at once"
        description="Of all that they deploy; empty for no limit"
        inputMode="numeric"
        value={values.gpusAtOnce}
        error={errors['gpusAtOnce']}
        onChange={({ currentTarget: { value } }) => onChange({ ...values, gpusAtOnce: value })}
      />
    </SimpleGrid>
  )
}
