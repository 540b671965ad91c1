import * as z from 'zod'
import { AppError } from '#errors'

const Position = z.array(z.string()).min(1).max(3)

/** Where a page ended: what its last row is sorted by. */
export function writeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** Throws `invalid-request` for a cursor that no page of so many columns gave. */
export function readCursor(cursor: string | undefined, columns: number): string[] | null {
  if (cursor === undefined) return null
  try {
    const position = Position.length(columns).parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString()),
    )
    return position
  } catch (cause) {
    const detail = 'is none that a page of this list gave'
    throw new AppError('invalid-request', {
      detail: `The request is not valid. ?cursor: ${detail}.`,
      errors: [{ pointer: '?cursor', detail }],
      cause,
    })
  }
}
