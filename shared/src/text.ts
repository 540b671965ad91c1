import * as z from 'zod'

/** Control characters and halves of surrogate pairs: no database keeps all of them, and no reader sees them. */
const id = /^[^\p{Cc}\p{Cs}]*$/u
/** Nor what turns the direction of the text that stands beside it. */
const line = /^[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]*$/u
const prose = /^(?:[^\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]|[\n\r\t])*$/u
const rule = 'must not contain control characters'

/** An id: as it stands, blanks and all. */
export const IdText = z.string().regex(id, rule)

/** What people write into one line, without the blanks around it. */
export const LineText = z.string().trim().regex(line, rule)

/** What people write at some length: it may have lines. */
export const ProseText = z.string().trim().regex(prose, rule)

/** Whether a text in an address has what no text of ours may have. */
export function hasControlCharacters(text: string): boolean {
  return !id.test(text)
}
