import { hash } from 'node:crypto'
import * as z from 'zod'

const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters, such as a UUID')

/** The header of an operation that can be sent again without being done again. */
export const IdempotencyHeader = z.object({
  'idempotency-key': IdempotencyKey.optional().describe(
    'Names what is asked for, so that it can be sent again after a lost answer and is done once. Kept for 24 hours, for the caller and this operation.',
  ),
})

/** One text for one value, in whatever order its names were sent. */
export function digestValue(value: unknown): string {
  return hash('sha256', JSON.stringify(sortNames(value)) ?? 'undefined')
}

function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  // A list of pairs: no name in it can mean anything to an object.
  return entries.map(([name, inner]) => [name, sortNames(inner)])
}
