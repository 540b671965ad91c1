import { pointerPath, type FieldError, type Manifest } from '@hub/shared'

/** What is being written: the object itself, which the form and the YAML both edit. It need not be whole yet. */
export interface Draft extends Omit<Manifest, 'kind' | 'metadata'> {
  kind: string
  metadata: Partial<Manifest['metadata']>
}

type Fields = Record<string, unknown>

export function valueAt(draft: Draft, pointer: string): unknown {
  return pointerPath(pointer).reduce<unknown>((at, name) => {
    if (Array.isArray(at)) return at[Number(name)] as unknown
    return isFields(at) ? at[name] : undefined
  }, draft)
}

/** The draft with another value; `undefined` takes the field away, and what held nothing else with it. */
export function setAt(draft: Draft, pointer: string, value: unknown): Draft {
  const set = setIn(draft, pointerPath(pointer), value) as Fields
  // What a manifest cannot be without stays, empty.
  return { ...draft, metadata: {}, spec: {}, ...set }
}

function setIn(holder: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  if (Array.isArray(holder)) {
    return (holder as unknown[]).with(Number(name), setIn(holder[Number(name)], rest, value) ?? {})
  }
  const fields = isFields(holder) ? holder : {}
  const next = setIn(fields[name], rest, value)
  const { [name]: before, ...others } = fields
  if (next === undefined || (rest.length > 0 && isFields(next) && isEmptied(before, next))) {
    return others
  }
  // Fields keep their place.
  return name in fields ? { ...fields, [name]: next } : { ...others, [name]: next }
}

function isEmptied(before: unknown, after: Fields): boolean {
  return Object.keys(after).length === 0 && !(isFields(before) && Object.keys(before).length === 0)
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What was typed around a word is no part of it. Values of variables and arguments are taken as they are. */
export function tidyDraft(draft: Draft): Draft {
  const exact = new Set(['value', 'args', 'extraArgs', 'overrides', 'annotations'])
  const tidy = (value: unknown, name = ''): unknown => {
    if (exact.has(name)) return value
    if (typeof value === 'string') return value.trim()
    if (Array.isArray(value)) return value.map((item) => tidy(item))
    if (!isFields(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, tidy(each, key)]))
  }
  return {
    ...draft,
    metadata: tidy(draft.metadata) as Draft['metadata'],
    spec: tidy(draft.spec) as Draft['spec'],
  }
}

/** Whether an error is about a field, or about something in it. */
export function isAt(pointer: string, { pointer: of }: Pick<FieldError, 'pointer'>): boolean {
  return of === pointer || of.startsWith(`${pointer}/`)
}
