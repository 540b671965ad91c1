import { Select } from '@mantine/core'
import { useDraftFields, useField } from './draft-fields.ts'
import { isFields } from './draft.ts'
import { FoldedSection } from './folded-section.tsx'
import { TextAt } from './fields.tsx'
import { RowsAt } from './rows-at.tsx'

/** Variables of the pod; secrets by their names alone. */
export function EnvironmentSection() {
  return (
    <FoldedSection
      title="Environment and secrets"
      of={['/spec/env', '/spec/secrets/huggingFaceToken']}
    >
      <TextAt
        at="/spec/secrets/huggingFaceToken"
        label="Secret with a Hugging Face token"
        description="Its name in the namespace; the token itself is never typed here"
        placeholder="hf-token"
      />
      <RowsAt
        at="/spec/env"
        label="Variables"
        description="A value is readable to whoever may change the deployment. A secret is named instead."
        noun="variable"
        empty={{ name: '' }}
      >
        {(at) => <VariableFields at={at} />}
      </RowsAt>
    </FoldedSection>
  )
}

const kinds = [
  { value: 'value', label: 'Value' },
  { value: 'secretKeyRef', label: 'Secret' },
  { value: 'configMapKeyRef', label: 'ConfigMap' },
] as const

type Kind = (typeof kinds)[number]['value']

const reference = { name: '', key: '' }

function VariableFields({ at }: { at: string }) {
  const variable = useField(at)
  const { errors } = useDraftFields()
  // What a policy refuses is where a value comes from.
  const refused = errors.find(({ pointer }) => pointer === `${at}/valueFrom`)
  const fields = isFields(variable.value) ? variable.value : {}
  const from = isFields(fields['valueFrom']) ? fields['valueFrom'] : undefined
  const kind: Kind =
    kinds.find(({ value }) => from !== undefined && value in from)?.value ?? 'value'
  const { value: _, valueFrom: _from, ...named } = fields
  return (
    <>
      <TextAt at={`${at}/name`} label="Name" placeholder="VLLM_LOGGING_LEVEL" isRequired />
      <Select
        label="From"
        data={[...kinds]}
        allowDeselect={false}
        disabled={variable.lock !== null}
        error={refused?.detail}
        value={kind}
        onChange={(next) =>
          variable.set(
            next === 'value' || next === null
              ? { ...named }
              : { ...named, valueFrom: { [next]: reference } },
          )
        }
      />
      {kind === 'value' ? (
        <TextAt at={`${at}/value`} label="Value" />
      ) : (
        <>
          <TextAt
            at={`${at}/valueFrom/${kind}/name`}
            label={kind === 'secretKeyRef' ? 'Name of the secret' : 'Name of the ConfigMap'}
            isRequired
          />
          <TextAt at={`${at}/valueFrom/${kind}/key`} label="Key in it" isRequired />
        </>
      )}
    </>
  )
}
