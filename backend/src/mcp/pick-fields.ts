import { AppError } from '#errors'
import { isRecord } from '#kube'

/** How agents say which fields they want, so that long answers stay short. */
export const fieldsName = 'fields'
export const fieldsSchema = {
  type: 'array',
  items: { type: 'string' },
  maxItems: 50,
  description:
    'Answer these fields alone, dots for what is inside another: ["name", "status.phase"]. Of a list: of each item.',
} as const

const fieldsMax = 50
const fieldLengthMax = 200
const depthMax = 10

/** Throws `invalid-request`. Null where all are wanted. */
export function readFields(given: unknown): string[][] | null {
  if (given === undefined || given === null) return null
  const isList =
    Array.isArray(given) &&
    given.length <= fieldsMax &&
    given.every((each) => typeof each === 'string' && each !== '' && each.length <= fieldLengthMax)
  if (!isList) {
    throw new AppError('invalid-request', {
      detail: 'The arguments are not valid: fields: must be a list of at most 50 names of fields.',
    })
  }
  return (given as string[]).map((each) => each.split('.').slice(0, depthMax))
}

/** What is named, of a list's items where it is one; its other fields stay. */
export function pickFields(
  value: Record<string, unknown>,
  fields: readonly string[][],
): Record<string, unknown> {
  const { items, ...rest } = value
  if (!Array.isArray(items)) return pick(value, fields)
  return { ...rest, items: items.map((item) => (isRecord(item) ? pick(item, fields) : item)) }
}

function pick(value: Record<string, unknown>, fields: readonly string[][]) {
  const picked: Record<string, unknown> = Object.create(null)
  for (const path of fields) copyPath(value, picked, path)
  return { ...picked }
}

function copyPath(
  from: Record<string, unknown>,
  to: Record<string, unknown>,
  [name, ...rest]: string[],
): void {
  if (name === undefined || !Object.hasOwn(from, name)) return
  const value = from[name]
  if (rest.length === 0) to[name] = value
  else if (Array.isArray(value)) to[name] = value.map((each) => pickOf(each, rest))
  else if (isRecord(value)) {
    const inner = isRecord(to[name]) ? to[name] : Object.create(null)
    to[name] = inner
    copyPath(value, inner, rest)
  }
}

function pickOf(value: unknown, path: string[]): unknown {
  return isRecord(value) ? pick(value, [path]) : value
}
