import { TemplateInput, type FieldError, type Template } from '@hub/shared'
import { checkFrame, listIssues } from '../editor/check-draft.ts'
import { tidyDraft, type Draft } from '../editor/draft.ts'

/** What the fields of a template hold besides its spec. */
export interface TemplateValues {
  id: string
  title: string
  description: string
  /** Empty for every instance. */
  instanceIds: string[]
  /** JSON pointers, one a line. */
  open: string
}

export function toTemplateValues(template: Template | undefined): TemplateValues {
  return {
    id: template?.id ?? '',
    title: template?.title ?? '',
    description: template?.description ?? '',
    instanceIds: template?.instanceIds ?? [],
    open: (template?.open ?? ['/scaling/replicas']).join('\n'),
  }
}

/** The template as the hub takes it, or what is wrong with which field. */
export function readTemplate(
  values: TemplateValues,
  draft: Draft,
): { input: TemplateInput; errors: [] } | { input: null; errors: FieldError[] } {
  const description = values.description.trim()
  const parsed = TemplateInput.safeParse({
    id: values.id.trim(),
    title: values.title.trim(),
    ...(description !== '' && { description }),
    ...(values.instanceIds.length > 0 && { instanceIds: values.instanceIds }),
    spec: tidyDraft(draft).spec,
    open: values.open
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  })
  const frame = checkFrame(draft)
  if (parsed.success && frame.length === 0) return { input: parsed.data, errors: [] }
  return { input: null, errors: [...frame, ...listIssues(parsed.error?.issues ?? [])] }
}
