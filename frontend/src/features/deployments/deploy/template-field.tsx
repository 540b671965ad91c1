import { Select } from '@mantine/core'
import type { Template } from '@hub/shared'

const none = 'none'

/** What to start from; nothing where there is no template. */
export function TemplateField({
  chosen,
  onChoose,
  templates,
}: {
  templates: readonly Template[]
  chosen: Template | undefined
  onChoose: (template: Template | undefined) => void
}) {
  if (templates.length === 0) return null
  return (
    <Select
      label="Start from"
      description={chosen?.description ?? 'A template is a configuration that administrators keep'}
      allowDeselect={false}
      data={[
        { value: none, label: 'An empty form' },
        ...templates.map(({ id, title }) => ({ value: id, label: title })),
      ]}
      value={chosen?.id ?? none}
      onChange={(id) => onChoose(templates.find((template) => template.id === id))}
    />
  )
}
