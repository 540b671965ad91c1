import type { FieldError, Template } from '@hub/shared'
import { applyMergePatch, buildMergePatch, isFields } from '../changes/merge-patch.ts'
import type { Draft } from '../editor/draft.ts'

/** A draft that begins with what a template sets; what was written of it before gives way. */
export function startFrom(template: Template, draft: Draft): Draft {
  const begun = { model: draft.spec['model'] ?? { id: '' } }
  return { ...draft, spec: applyMergePatch(begun, template.spec) }
}

/** Whether a template leaves a field of the spec to who deploys: the field, what is in it, or what it is in. */
function isOpen({ open }: Pick<Template, 'open'>, pointer: string): boolean {
  const field = pointer.replace(/^\/spec/, '')
  return open.some(
    (each) => field === each || field.startsWith(`${each}/`) || each.startsWith(`${field}/`),
  )
}

/** Why a field is not to be changed; null where it is. */
export function lockBy(template: Template | undefined): (pointer: string) => string | null {
  if (template === undefined) return () => null
  const { title } = template
  return (pointer) =>
    pointer.startsWith('/spec/') && !isOpen(template, pointer)
      ? `Set by the template “${title}”`
      : null
}

/** What is asked for besides the template, and what it cannot be asked for. */
export function readBesides(
  template: Template,
  spec: Draft['spec'],
): { spec: Record<string, unknown>; errors: FieldError[] } {
  const errors: FieldError[] = []
  const take = (patch: Readonly<Record<string, unknown>>, at: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(patch).flatMap(([name, value]) => {
        const pointer = `${at}/${name}`
        if (isFields(value)) {
          const inner = take(value, pointer)
          return Object.keys(inner).length === 0 ? [] : [[name, inner]]
        }
        if (value === null || !isOpen(template, pointer)) {
          errors.push({ pointer, detail: `is set by the template “${template.title}”` })
          return []
        }
        return [[name, value]]
      }),
    )
  return { spec: take(buildMergePatch(template.spec, spec), '/spec'), errors }
}
