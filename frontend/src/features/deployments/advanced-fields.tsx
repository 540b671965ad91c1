import { Autocomplete, Button, Collapse, Grid, NumberInput, TextInput } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import type { DeployFormValues } from './use-deploy-form.ts'
import classes from './deploy-form.module.css'

export interface AdvancedFieldsProps {
  form: DeployFormValues
  isOpen: boolean
  onToggle: () => void
}

const runtimeSuggestions = ['dynamo', 'kaito', 'kuberay', 'llmd', 'vllm']

/** What most deployments leave to the instance, folded away. */
export function AdvancedFields({ form, isOpen, onToggle }: AdvancedFieldsProps) {
  return (
    <div>
      <Button
        type="button"
        variant="subtle"
        size="compact-sm"
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls="deploy-advanced"
        leftSection={<IconChevronRight size={16} className={classes.chevron} data-open={isOpen} />}
        onClick={onToggle}
      >
        Advanced
      </Button>
      <Collapse expanded={isOpen} id="deploy-advanced">
        <AdvancedColumns form={form} />
      </Collapse>
    </div>
  )
}

function AdvancedColumns({ form }: Pick<AdvancedFieldsProps, 'form'>) {
  return (
    <Grid gap="md" pt="sm">
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <Autocomplete
          label="Runtime"
          description="If left empty, the instance chooses"
          data={runtimeSuggestions}
          {...form.getInputProps('runtime')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <TextInput
          label="GPU type"
          description="The resource to ask for"
          placeholder="nvidia.com/gpu"
          {...form.getInputProps('gpuType')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6 }}>
        <TextInput
          label="Memory"
          description="Per replica"
          placeholder="64Gi"
          {...form.getInputProps('memory')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6 }}>
        <TextInput
          label="CPU"
          description="Per replica"
          placeholder="8"
          {...form.getInputProps('cpu')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <NumberInput
          label="Context length"
          description="In tokens; leave empty for the model’s default"
          min={1}
          allowDecimal={false}
          {...form.getInputProps('contextLength')}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, xs: 6 }}>
        <TextInput
          label="Served name"
          description="What clients call the model"
          {...form.getInputProps('servedName')}
        />
      </Grid.Col>
    </Grid>
  )
}
