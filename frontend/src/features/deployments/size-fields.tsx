import { Grid, NumberInput, Select } from '@mantine/core'
import { engineNames } from './engine.ts'
import type { DeployFormValues } from './use-deploy-form.ts'

const engineOptions = [
  { value: 'auto', label: 'Choose for me' },
  ...Object.entries(engineNames).map(([value, label]) => ({ value, label })),
]

/** The columns for what runs the model, and on how many GPUs. */
export function SizeFields({ form }: { form: DeployFormValues }) {
  return (
    <>
      <Grid.Col span={{ base: 12, xs: 4 }}>
        <Select
          label="Engine"
          data={engineOptions}
          allowDeselect={false}
          {...form.getInputProps('engine')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, xs: 4 }}>
        <NumberInput
          label="Replicas"
          min={1}
          max={32}
          allowDecimal={false}
          {...form.getInputProps('replicas')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, xs: 4 }}>
        <NumberInput
          label="GPUs per replica"
          min={0}
          max={64}
          allowDecimal={false}
          {...form.getInputProps('gpuCount')}
        />
      </Grid.Col>
    </>
  )
}
