import { hasControlCharacters } from '@hub/shared'

const groupsMax = 10_000
const nameLengthMax = 256

/** The groups that a claim names, and how many of its entries name none. */
export type GroupsClaim = { names: string[]; dropped: number }

/**
 * The groups in a token: undefined where the claim is not there, null where nothing in it names a group, though it is not
 * empty. `path` is the claim's whole name (Auth0 uses addresses), or else the way to it: `realm_access.roles`. Null and empty
 * say that there are none.
 */
export function readGroupsClaim(
  claims: Record<string, unknown>,
  path: string,
): GroupsClaim | null | undefined {
  const value = descend(claims, path.split('.'))
  if (value === undefined) return undefined
  const entries = listEntries(value)
  if (entries === null || entries.length > groupsMax) return null
  const given = entries.filter((entry) => !isNothing(entry))
  const names = given.map(readName).filter((name) => name !== null)
  if (names.length === 0 && given.length > 0) return null
  return { names: [...new Set(names)], dropped: given.length - names.length }
}

/** A list; one group alone; or an object, whose keys are the groups (Zitadel) unless it is one group itself. */
function listEntries(value: unknown): readonly unknown[] | null {
  if (isNothing(value)) return []
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return null
  if (readName(value) !== null) return [value]
  return Object.entries(value).flatMap(([key, is]) => (is === false || is === null ? [] : [key]))
}

function isNothing(entry: unknown): boolean {
  return entry === null || (typeof entry === 'string' && entry.trim() === '')
}

/** What mappings know a group by: a text, or the first of these that an object has as one. */
function readName(entry: unknown): string | null {
  if (typeof entry === 'string') return isUsable(entry) ? entry : null
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return null
  for (const key of ['name', 'value', 'id']) {
    const value: unknown = Object.hasOwn(entry, key)
      ? (entry as Record<string, unknown>)[key]
      : undefined
    if (typeof value === 'string' && isUsable(value)) return value
  }
  return null
}

// As a group mapping may name it.
function isUsable(name: string): boolean {
  return name.trim() !== '' && name.length <= nameLengthMax && !hasControlCharacters(name)
}

/** Names on the way may have dots of their own, as Keycloak's client ids do: the longest that is there is the one. */
function descend(value: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return value
  if (typeof value !== 'object' || value === null) return undefined
  for (let count = names.length; count > 0; count -= 1) {
    const name = names.slice(0, count).join('.')
    if (!Object.hasOwn(value, name)) continue
    const found = descend((value as Record<string, unknown>)[name], names.slice(count))
    if (found !== undefined) return found
  }
  return undefined
}
