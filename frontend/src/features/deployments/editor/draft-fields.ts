import type { FieldError } from '@hub/shared'
import { createContext, use } from 'react'
import { isAt, setAt, valueAt, type Draft } from './draft.ts'

/** What the fields of the form are of. */
export interface DraftFields {
  draft: Draft
  onChange: (draft: Draft) => void
  /** Somebody has been in this field. */
  onLeave: (pointer: string) => void
  errors: readonly FieldError[]
  /** Why a field is not to be changed; null where it is. */
  lockOf: (pointer: string) => string | null
}

export const DraftContext = createContext<DraftFields | null>(null)

/** What the hub says of a whole part, and the field of the form that stands for it. */
const standsFor: Record<string, string> = {
  '/spec/model': '/spec/model/id',
  '/spec/engine': '/spec/engine/type',
  '/spec/provider': '/spec/provider/name',
  '/spec/resources/gpu': '/spec/resources/gpu/count',
  '/spec/podTemplate': '/spec/podTemplate/metadata/labels',
}

/** One field: its value, what is wrong with it, and how it is changed. */
export function useField(pointer: string) {
  const { draft, errors, lockOf, onChange, onLeave } = useDraftFields()
  const lock = lockOf(pointer)
  const error = errors.find((each) => isAt(pointer, each) || standsFor[each.pointer] === pointer)
  return {
    value: valueAt(draft, pointer),
    error: error?.detail,
    lock,
    set: (value: unknown) => onChange(setAt(draft, pointer, value)),
    leave: () => onLeave(pointer),
  }
}

export function useDraftFields(): DraftFields {
  const fields = use(DraftContext)
  if (fields === null) throw new Error('A field of the form stands outside the form.')
  return fields
}
