import { AppError } from '#errors'
import { isRecord } from '#kube'

/** How agents say which fields they want, so that long answers stay short. */
export const fieldsName = 'fields'
const everything = '*'
const fieldsMax = 50
const fieldLengthMax = 200
const depthMax = 10

/** Those that are wanted, each by its way from the outside in, and whether it is because none were named. Null is all. */
export type Fields = { paths: readonly string[][]; isStandard: boolean } | null

/** `standard` are those that are answered where none are named. */
export function describeFields(standard: readonly string[] | undefined) {
  const none = standard ? ` Without: ${standard.join(', ')}. All: ["${everything}"].` : ''
  return {
    type: 'array',
    items: { type: 'string' },
    maxItems: fieldsMax,
    description: `Return only these fields, with dots for what is inside another: ["name", "status.phase"]. Of a list: of each item.${none}`,
  }
}

/** Throws `invalid-request`. */
export function readFields(given: unknown, standard: readonly string[] | undefined): Fields {
  if (given === undefined || given === null)
    return standard ? { paths: standard.map(toPath), isStandard: true } : null
  const isList =
    Array.isArray(given) &&
    given.length <= fieldsMax &&
    given.every((each) => typeof each === 'string' && each !== '' && each.length <= fieldLengthMax)
  if (!isList) {
    throw new AppError('invalid-request', {
      detail: 'The arguments are not valid: fields: must be a list of at most 50 names of fields.',
    })
  }
  const named = given as string[]
  return named.includes(everything) ? null : { paths: named.map(toPath), isStandard: false }
}

function toPath(name: string): string[] {
  return name.split('.').slice(0, depthMax)
}

/** What is named, of a list's items where it is one; its other fields stay. */
export function pickFields(
  value: Record<string, unknown>,
  fields: Fields,
): Record<string, unknown> {
  if (fields === null) return value
  const { items, ...rest } = value
  if (Array.isArray(items)) return { ...rest, items: pick(items, fields.paths) }
  return pick(value, fields.paths) as Record<string, unknown>
}

function pick(value: unknown, paths: readonly string[][]): unknown {
  if (Array.isArray(value)) return value.map((each) => pick(each, paths))
  if (!isRecord(value)) return value
  const names = [...new Set(paths.map(([name]) => name!))].filter((name) =>
    Object.hasOwn(value, name),
  )
  return Object.fromEntries(
    names.map((name) => {
      const within = paths.filter(([first]) => first === name).map(([, ...rest]) => rest)
      const isWhole = within.some((path) => path.length === 0)
      return [name, isWhole ? value[name] : pick(value[name], within)]
    }),
  )
}
