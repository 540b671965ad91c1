import { Grid, TextInput } from '@mantine/core'
import type { NamespaceList } from '@hub/shared'
import { deriveDeploymentName } from '../deployment-name.ts'
import { setAt, valueAt } from '../editor/draft.ts'
import { useDraftFields, useField } from '../editor/draft-fields.ts'
import { required } from '../required.ts'
import { NamespaceAt } from './namespace-at.tsx'

export interface ModelFieldsProps {
  /** Where the person may deploy, and whether that is all there is. */
  open: string[]
  namespaces: NamespaceList
}

const plain = { ...required, spellCheck: false, autoCapitalize: 'off' } as const

/** Which model, under what name, and where. A name that nobody typed follows the model. */
export function ModelFields({ namespaces, open }: ModelFieldsProps) {
  const { draft, onChange } = useDraftFields()
  const model = useField('/spec/model/id')
  const name = useField('/metadata/name')
  const given = textOf(valueAt(draft, '/metadata/name'))
  const isNameTyped = given !== deriveDeploymentName(textOf(model.value))
  return (
    <>
      <TextInput
        label="Model"
        description={model.lock ?? 'A model id on Hugging Face'}
        placeholder="meta-llama/Llama-3.1-8B-Instruct"
        {...plain}
        disabled={model.lock !== null}
        error={model.error}
        onBlur={model.leave}
        value={textOf(model.value)}
        onChange={({ currentTarget: { value } }) => {
          const next = setAt(draft, '/spec/model/id', value)
          onChange(isNameTyped ? next : setAt(next, '/metadata/name', deriveDeploymentName(value)))
        }}
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens"
            {...plain}
            error={name.error}
            onBlur={name.leave}
            value={given}
            onChange={({ currentTarget: { value } }) => name.set(value)}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <NamespaceAt names={open} complete={namespaces.complete} />
        </Grid.Col>
      </Grid>
    </>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
