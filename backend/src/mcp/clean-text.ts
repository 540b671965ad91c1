import { showText } from '#text'

/** How much of one text a model is given; what a person would page through, it pays for. */
const textMax = 16 * 1024
const depthMax = 40

// What else a reader does not see: marks of direction, blanks without a width, and tags, which spell unseen words.
const unseen = /[\r\u061C\u200B\u200E\u200F\u2060-\u2065\uFEFF\u{E0000}-\u{E007F}]/gu

/** A text of a cluster as a model may read it: nothing that a person would not see, and no more than `max` characters. */
export function cleanText(text: string, max = textMax): string {
  const kept = text.length > max ? text.slice(0, max).toWellFormed() : text
  const seen = showText(kept).replaceAll(unseen, '')
  return text.length > max ? `${seen}\n… ${text.length - max} more characters are left out.` : seen
}

/** In JSON too these stand as they are; controls are written as escapes there. */
const suspect =
  /\\[ubfr]|[\u007F-\u009F\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/u

/** Whether there is nothing to clean in JSON, nor to shorten. */
export function isCleanJson(json: string): boolean {
  return json.length <= textMax * 4 && !suspect.test(json) && !hasLongText(json)
}

/** Whether something between two quotes may be longer than a text is given. */
function hasLongText(json: string): boolean {
  for (let at = 0; at + textMax < json.length;) {
    const next = findQuote(json, at + textMax)
    if (next <= at) return true
    at = next
  }
  return false
}

/** The last one until there that ends or begins a text. */
function findQuote(json: string, until: number): number {
  let at = json.lastIndexOf('"', until)
  while (at > 0 && json[at - 1] === '\\') at = json.lastIndexOf('"', at - 1)
  return at
}

/** The same of every text in a value, names of fields too; the text called `whole` is only cleaned. */
export function cleanValue(value: unknown, whole?: string, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= depthMax) return null
  if (Array.isArray(value)) return value.map((each) => cleanValue(each, whole, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [
      cleanText(name),
      name === whole && typeof inner === 'string'
        ? cleanText(inner, Infinity)
        : cleanValue(inner, whole, depth + 1),
    ]),
  )
}
