import { hasControlCharacters } from '@hub/shared'
import type * as z from 'zod'
import { AppError } from '#errors'

/** Where a page ended: what its last row is sorted by, as text for an address. */
export function writeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** Null where there is none. Throws `invalid-request`, with `detail`, for one that no page of this list gave. */
export function readCursor<Position extends readonly string[]>(
  cursor: string | undefined,
  schema: z.ZodType<Position>,
  detail = 'is not a cursor from a page of this list',
): Position | null {
  if (cursor === undefined) return null
  try {
    const position = schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    if (position.some(hasControlCharacters)) throw new Error('it has control characters')
    return position
  } catch (cause) {
    throw new AppError('invalid-request', {
      detail: `The request is not valid. ?cursor: ${detail}.`,
      errors: [{ pointer: '?cursor', detail }],
      cause,
    })
  }
}
