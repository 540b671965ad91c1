import { FoldedSection } from './folded-section.tsx'
import { SelectAt, SwitchAt, TextAt } from './fields.tsx'
import { RowsAt } from './rows-at.tsx'

const sources = [
  { value: 'huggingface', label: 'Hugging Face' },
  { value: 'custom', label: 'Custom: from an image or a volume' },
]

const purposes = [
  { value: 'modelCache', label: 'Model cache' },
  { value: 'compilationCache', label: 'Compilation cache' },
  { value: 'custom', label: 'Other' },
]

const accessModes = ['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOncePod'].map(
  (value) => ({ value, label: value }),
)

/** Where the model comes from, and where its files are kept. */
export function StorageSection() {
  return (
    <FoldedSection
      title="Model and storage"
      of={['/spec/model/servedName', '/spec/model/source', '/spec/model/storage']}
    >
      <TextAt
        at="/spec/model/servedName"
        label="Served name"
        description="What clients call the model"
      />
      <SelectAt at="/spec/model/source" label="Source" choices={sources} />
      <RowsAt
        at="/spec/model/storage/volumes"
        label="Volumes"
        description="A claim that is there, or a size for a new one"
        noun="volume"
        empty={{ name: '' }}
      >
        {(at) => (
          <>
            <TextAt at={`${at}/name`} label="Name" placeholder="model-cache" isRequired />
            <SelectAt at={`${at}/purpose`} label="Purpose" choices={purposes} />
            <TextAt at={`${at}/claimName`} label="Existing claim" />
            <TextAt at={`${at}/size`} label="Size of a new one" placeholder="200Gi" />
            <TextAt at={`${at}/storageClassName`} label="Storage class" />
            <SelectAt at={`${at}/accessMode`} label="Access mode" choices={accessModes} />
            <TextAt at={`${at}/mountPath`} label="Mounted at" placeholder="/models" />
            <SwitchAt at={`${at}/readOnly`} label="Read-only" />
          </>
        )}
      </RowsAt>
    </FoldedSection>
  )
}
