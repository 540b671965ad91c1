import { Grid } from '@mantine/core'
import type { Runtime } from '@hub/shared'
import { valueAt } from './draft.ts'
import { useDraftFields } from './draft-fields.ts'
import { NumberAt, SelectAt, TextAt } from './fields.tsx'
import { offerEngines } from './offers.ts'

/** What runs the model, and how large: what every deployment is asked. */
export function SizeFields({ runtimes }: { runtimes: readonly Runtime[] | null }) {
  const { draft } = useDraftFields()
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, xs: 4 }}>
        <SelectAt
          at="/spec/engine/type"
          label="Engine"
          open="Choose for me"
          choices={offerEngines(runtimes, valueAt(draft, '/spec/provider/name'))}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 6, xs: 4 }}>
        <NumberAt at="/spec/scaling/replicas" label="Replicas" min={1} max={32} />
      </Grid.Col>
      <Grid.Col span={{ base: 6, xs: 4 }}>
        <NumberAt at="/spec/resources/gpu/count" label="GPUs per replica" min={0} max={64} />
      </Grid.Col>
    </Grid>
  )
}

/** The first fields of a deployment that is there: its name and place stay. */
export function MainFields({ runtimes }: { runtimes: readonly Runtime[] | null }) {
  return (
    <>
      <TextAt at="/spec/model/id" label="Model" description="A model id on Hugging Face" />
      <SizeFields runtimes={runtimes} />
    </>
  )
}
