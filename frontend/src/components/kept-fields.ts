import { keep } from '../lib/kept.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What somebody writes in a form, by the names of its fields. */
export interface KeptFields {
  /** A field as it was kept, where it still is of the kind that the form begins with. */
  read: <Value>(field: string, initial: Value) => Value
  write: (field: string, value: unknown) => void
  /** It is sent, or given up: nothing of it is kept from now on. */
  end: () => void
}

/** Keeps each change of a form under a key, beginning with what is known of it. */
export function keepFields(key: string, begun: Fields): KeptFields {
  let fields = begun
  let isOver = false
  return {
    read: (field, initial) => fit(fields[field], initial),
    write: (field, value) => {
      if (isOver) return
      fields = { ...fields, [field]: value }
      keep(key, fields)
    },
    end: () => {
      isOver = true
      keep(key, null)
    },
  }
}

/** Another version of the page may have kept it, with fields of another kind, or fewer of them. */
function fit<Value>(kept: unknown, initial: Value): Value {
  if (kept === undefined) return initial
  if (initial === null) return kept as Value
  if (kindOf(kept) !== kindOf(initial)) return initial
  return kindOf(kept) === 'object' ? { ...initial, ...(kept as Value) } : (kept as Value)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
