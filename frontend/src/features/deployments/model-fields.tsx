import { Grid, TextInput } from '@mantine/core'
import type { NamespaceList } from '@hub/shared'
import { useRef } from 'react'
import { deriveDeploymentName } from './deployment-name.ts'
import { NamespaceField } from './namespace-field.tsx'
import { required } from './required.ts'
import { SizeFields } from './size-fields.tsx'
import type { DeployFormValues } from './use-deploy-form.ts'

export interface ModelFieldsProps {
  form: DeployFormValues
  /** Where the person may deploy, and whether that is all there is. */
  open: string[]
  namespaces: NamespaceList
}

/** Which model, under what name, where and how large. A name that nobody typed follows the model. */
export function ModelFields({ form, open, namespaces }: ModelFieldsProps) {
  const isNameTyped = useRef(form.values.name !== deriveDeploymentName(form.values.modelId))
  return (
    <>
      <TextInput
        label="Model"
        description="A model id on Hugging Face"
        placeholder="meta-llama/Llama-3.1-8B-Instruct"
        {...required}
        spellCheck={false}
        autoCapitalize="off"
        {...form.getInputProps('modelId')}
        onChange={(event) => {
          const modelId = event.currentTarget.value
          form.setFieldValue('modelId', modelId)
          if (!isNameTyped.current) {
            form.setFieldValue('name', deriveDeploymentName(modelId))
            form.clearFieldError('name')
          }
        }}
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput
            label="Name"
            description="Lower-case letters, digits and hyphens"
            {...required}
            spellCheck={false}
            autoCapitalize="off"
            {...form.getInputProps('name')}
            onChange={(event) => {
              const name = event.currentTarget.value
              isNameTyped.current = name !== ''
              form.setFieldValue('name', name)
            }}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <NamespaceField
            names={open}
            complete={namespaces.complete}
            {...form.getInputProps('namespace')}
          />
        </Grid.Col>
        <SizeFields form={form} />
      </Grid>
    </>
  )
}
