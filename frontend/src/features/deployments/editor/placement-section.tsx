import { FoldedSection } from './folded-section.tsx'
import { NumberAt, SelectAt, TextAt } from './fields.tsx'
import { KeyValuesAt } from './key-values-at.tsx'
import { RowsAt } from './rows-at.tsx'

const operators = [
  { value: 'Equal', label: 'Equal' },
  { value: 'Exists', label: 'Exists' },
]

const effects = [
  { value: 'NoSchedule', label: 'NoSchedule' },
  { value: 'PreferNoSchedule', label: 'PreferNoSchedule' },
  { value: 'NoExecute', label: 'NoExecute' },
]

/** On which nodes its pods may run. */
export function PlacementSection() {
  return (
    <FoldedSection title="Placement" of={['/spec/nodeSelector', '/spec/tolerations']}>
      <KeyValuesAt
        at="/spec/nodeSelector"
        label="Node labels"
        description="Only nodes that have all of these"
        noun="node label"
        keyPlaceholder="nvidia.com/gpu.product"
      />
      <RowsAt
        at="/spec/tolerations"
        label="Tolerations"
        description="Taints of nodes that its pods may run on all the same"
        noun="toleration"
        empty={{ operator: 'Exists' }}
      >
        {(at) => (
          <>
            <TextAt at={`${at}/key`} label="Key" placeholder="dedicated" />
            <SelectAt at={`${at}/operator`} label="Operator" choices={operators} />
            <TextAt at={`${at}/value`} label="Value" />
            <SelectAt at={`${at}/effect`} label="Effect" open="All" choices={effects} />
            <NumberAt at={`${at}/tolerationSeconds`} label="Seconds" />
          </>
        )}
      </RowsAt>
    </FoldedSection>
  )
}
