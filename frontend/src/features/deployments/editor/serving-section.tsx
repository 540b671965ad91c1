import { Grid } from '@mantine/core'
import { valueAt } from './draft.ts'
import { useDraftFields } from './draft-fields.ts'
import { FoldedSection } from './folded-section.tsx'
import { NumberAt, SelectAt, TextAt } from './fields.tsx'
import classes from './editor.module.css'

const modes = [
  { value: 'aggregated', label: 'Aggregated' },
  { value: 'disaggregated', label: 'Disaggregated: prefill and decode apart' },
]

/** Whether prompts and answers are worked on by the same replicas. */
export function ServingSection() {
  const { draft } = useDraftFields()
  const isSplit =
    valueAt(draft, '/spec/serving/mode') === 'disaggregated' ||
    ['/spec/scaling/prefill', '/spec/scaling/decode'].some(
      (pointer) => valueAt(draft, pointer) !== undefined,
    )
  return (
    <FoldedSection
      title="Serving mode"
      of={['/spec/serving', '/spec/scaling/prefill', '/spec/scaling/decode']}
    >
      <SelectAt at="/spec/serving/mode" label="Mode" choices={modes} />
      {isSplit && (
        <>
          <RoleFields at="/spec/scaling/prefill" title="Prefill" />
          <RoleFields at="/spec/scaling/decode" title="Decode" />
        </>
      )}
    </FoldedSection>
  )
}

function RoleFields({ at, title }: { at: string; title: string }) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{title}</legend>
      <Grid gap="md">
        <Grid.Col span={{ base: 6, xs: 3 }}>
          <NumberAt at={`${at}/replicas`} label="Replicas" min={0} max={32} />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 3 }}>
          <NumberAt at={`${at}/gpu/count`} label="GPUs each" min={0} max={64} />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 3 }}>
          <TextAt at={`${at}/gpu/type`} label="GPU type" placeholder="nvidia.com/gpu" />
        </Grid.Col>
        <Grid.Col span={{ base: 6, xs: 3 }}>
          <TextAt at={`${at}/memory`} label="Memory" placeholder="64Gi" />
        </Grid.Col>
      </Grid>
    </fieldset>
  )
}
