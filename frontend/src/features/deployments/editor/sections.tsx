import { Grid } from '@mantine/core'
import { FoldedSection } from './folded-section.tsx'
import { KeyValuesAt } from './key-values-at.tsx'
import { EnvironmentSection } from './environment-section.tsx'
import { LinesAt, NumberAt, SelectAt, SwitchAt, TextAt, YesNoAt, type Choice } from './fields.tsx'
import { PlacementSection } from './placement-section.tsx'
import { ServingSection } from './serving-section.tsx'
import { StorageSection } from './storage-section.tsx'

const half = { base: 12, xs: 6 }
const third = { base: 12, xs: 4 }

/** All that the contract knows besides what stands above, a part each. */
export function Sections({ runtimes }: { runtimes: readonly Choice[] }) {
  return (
    <div>
      <EngineSection runtimes={runtimes} />
      <StorageSection />
      <ServingSection />
      <FoldedSection
        title="Resources"
        of={['/spec/resources/gpu/type', '/spec/resources/memory', '/spec/resources/cpu']}
      >
        <Grid gap="md">
          <Grid.Col span={third}>
            <TextAt
              at="/spec/resources/gpu/type"
              label="GPU type"
              description="The resource to ask for"
              placeholder="nvidia.com/gpu"
            />
          </Grid.Col>
          <Grid.Col span={third}>
            <TextAt
              at="/spec/resources/memory"
              label="Memory"
              description="Per replica"
              placeholder="64Gi"
            />
          </Grid.Col>
          <Grid.Col span={third}>
            <TextAt
              at="/spec/resources/cpu"
              label="CPU"
              description="Per replica"
              placeholder="8"
            />
          </Grid.Col>
        </Grid>
      </FoldedSection>
      <EnvironmentSection />
      <PlacementSection />
      <GatewaySection />
      <LabelsSection />
    </div>
  )
}

function EngineSection({ runtimes }: { runtimes: readonly Choice[] }) {
  return (
    <FoldedSection
      title="Runtime and engine"
      of={[
        '/spec/provider/name',
        '/spec/image',
        '/spec/engine/image',
        '/spec/engine/contextLength',
        '/spec/engine/trustRemoteCode',
        '/spec/engine/enablePrefixCaching',
        '/spec/engine/enforceEager',
        '/spec/engine/args',
        '/spec/engine/extraArgs',
      ]}
    >
      <Grid gap="md">
        <Grid.Col span={half}>
          <SelectAt
            at="/spec/provider/name"
            label="Runtime"
            description="Those that the instance has"
            open="The instance chooses"
            choices={runtimes}
          />
        </Grid.Col>
        <Grid.Col span={half}>
          <NumberAt
            at="/spec/engine/contextLength"
            label="Context length"
            description="In tokens; leave empty for the model’s default"
            min={1}
          />
        </Grid.Col>
        <Grid.Col span={half}>
          <TextAt
            at="/spec/engine/image"
            label="Engine image"
            description="Instead of the runtime’s own"
            placeholder="registry.example.com/vllm:v0.20"
          />
        </Grid.Col>
        <Grid.Col span={half}>
          <TextAt
            at="/spec/image"
            label="Image"
            description="For a custom model that brings its own"
          />
        </Grid.Col>
      </Grid>
      <SwitchAt
        at="/spec/engine/trustRemoteCode"
        label="Trust remote code"
        description="The model’s repository may run code of its own in the pod"
      />
      <Grid gap="md">
        <Grid.Col span={half}>
          <YesNoAt
            at="/spec/engine/enablePrefixCaching"
            label="Prefix caching"
            description="Prompts that begin the same way are processed once"
          />
        </Grid.Col>
        <Grid.Col span={half}>
          <YesNoAt
            at="/spec/engine/enforceEager"
            label="Eager mode"
            description="Starts sooner, but answers more slowly"
          />
        </Grid.Col>
      </Grid>
      <KeyValuesAt
        at="/spec/engine/args"
        label="Engine arguments"
        description="Without dashes before the name"
        noun="argument"
        keyPlaceholder="max-num-seqs"
      />
      <LinesAt
        at="/spec/engine/extraArgs"
        label="Further arguments"
        description="One per line, as the engine takes them"
        placeholder="--enable-chunked-prefill"
      />
    </FoldedSection>
  )
}

function GatewaySection() {
  return (
    <FoldedSection title="Gateway" of={['/spec/gateway']}>
      <Grid gap="md">
        <Grid.Col span={third}>
          <YesNoAt
            at="/spec/gateway/enabled"
            label="Through the gateway"
            description="Of the cluster"
          />
        </Grid.Col>
        <Grid.Col span={third}>
          <TextAt
            at="/spec/gateway/modelName"
            label="Name there"
            description="What its clients call the model"
          />
        </Grid.Col>
        <Grid.Col span={third}>
          <TextAt
            at="/spec/gateway/httpRouteRef"
            label="HTTPRoute"
            description="One of your own instead"
          />
        </Grid.Col>
      </Grid>
    </FoldedSection>
  )
}

function LabelsSection() {
  return (
    <FoldedSection
      title="Labels and annotations"
      of={['/metadata/labels', '/metadata/annotations', '/spec/podTemplate']}
    >
      <KeyValuesAt
        at="/metadata/labels"
        label="Labels"
        description="Of the deployment"
        noun="label"
        keyPlaceholder="team"
      />
      <KeyValuesAt at="/metadata/annotations" label="Annotations" noun="annotation" />
      <KeyValuesAt at="/spec/podTemplate/metadata/labels" label="Labels of pods" noun="pod label" />
      <KeyValuesAt
        at="/spec/podTemplate/metadata/annotations"
        label="Annotations of pods"
        noun="pod annotation"
      />
    </FoldedSection>
  )
}
