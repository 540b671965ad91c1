import type { JSONObject } from '@modelcontextprotocol/server'

/** Longer texts may be anything, secrets too: a sentence repeats none of them. */
const shownMax = 24
const wordsMax = 12

/** What came for an argument, in a few words. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value !== 'string') return 'an object'
  return value.length <= shownMax
    ? `the text ${JSON.stringify(value)}`
    : `a text of ${value.length} characters`
}

/** What a schema takes, in a few words. */
export function describeWanted(options: readonly JSONObject[]): string {
  return [...new Set(options.map(describeOption))].join(' or ')
}

function describeOption(schema: JSONObject): string {
  const { enum: words, items, maximum, minimum, type } = schema
  if (Array.isArray(words)) {
    const shown = words.slice(0, wordsMax).map((word) => JSON.stringify(word))
    return `one of ${shown.join(', ')}${words.length > wordsMax ? ' …' : ''}`
  }
  switch (type) {
    case 'integer':
      return `a whole number${describeRange(minimum, maximum)}`
    case 'number':
      return `a number${describeRange(minimum, maximum)}`
    case 'boolean':
      return 'true or false'
    case 'string':
      return 'a text'
    case 'array': {
      const inner = (items ?? {}) as JSONObject
      return typeof inner['type'] === 'string' ? `a list, each ${describeOption(inner)}` : 'a list'
    }
    case 'object':
      return 'an object'
    default:
      return 'null'
  }
}

function describeRange(minimum: unknown, maximum: unknown): string {
  const isBound = (bound: unknown) =>
    typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  if (isBound(minimum) && isBound(maximum)) return ` from ${String(minimum)} to ${String(maximum)}`
  if (isBound(minimum)) return ` of at least ${String(minimum)}`
  return isBound(maximum) ? ` of at most ${String(maximum)}` : ''
}
