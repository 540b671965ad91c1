import { MultiSelect, TextInput, Textarea } from '@mantine/core'
import type { FieldError } from '@hub/shared'
import { isAt } from '../editor/draft.ts'
import type { TemplateValues } from './read-template.ts'

export interface TemplateFieldsProps {
  values: TemplateValues
  isNew: boolean
  instances: readonly string[]
  errors: readonly FieldError[]
  onChange: (part: Partial<TemplateValues>) => void
}

/** What a template is besides its spec. */
export function TemplateFields(props: TemplateFieldsProps) {
  const { errors, instances, isNew, onChange: change, values } = props
  const errorAt = (pointer: string) => errors.find((error) => isAt(pointer, error))?.detail
  return (
    <>
      <TextInput
        label="Title"
        value={values.title}
        error={errorAt('/title')}
        onChange={({ currentTarget: { value } }) => change({ title: value })}
      />
      <TextInput
        label="Id"
        description="What calls of the API name it by"
        spellCheck={false}
        disabled={!isNew}
        value={values.id}
        error={errorAt('/id')}
        onChange={({ currentTarget: { value } }) => change({ id: value })}
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        value={values.description}
        error={errorAt('/description')}
        onChange={({ currentTarget: { value } }) => change({ description: value })}
      />
      <MultiSelect
        label="Instances"
        description="None chosen: every instance"
        data={[...new Set([...instances, ...values.instanceIds])]}
        value={values.instanceIds}
        error={errorAt('/instanceIds')}
        onChange={(instanceIds) => change({ instanceIds })}
      />
      <Textarea
        label="Left open"
        description="Fields of the spec that a deployer may still set, one per line, such as /scaling/replicas"
        autosize
        minRows={2}
        spellCheck={false}
        value={values.open}
        error={errorAt('/open')}
        onChange={({ currentTarget: { value } }) => change({ open: value })}
      />
    </>
  )
}
