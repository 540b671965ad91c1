import { AppError } from '#errors'
import type { SealedText } from '#secrets'

/** The row before which a page begins. Throws `invalid-request`. */
export async function openCursor(cursors: SealedText, cursor: string): Promise<number> {
  const opened = await cursors.open(cursor)
  if (opened !== null && /^[1-9][0-9]{0,14}$/.test(opened)) return Number(opened)
  const detail = 'is not a cursor from a page of this list'
  throw new AppError('invalid-request', {
    detail: `The request is not valid. ?cursor: ${detail}.`,
    errors: [{ pointer: '?cursor', detail }],
  })
}
