import { hasControlCharacters } from '@hub/shared'
import type { Context } from 'hono'
import { AppError } from '#errors'

const detail = 'must not contain control characters'

/** Printable ASCII in which nothing is percent-encoded: as it stands, it has none. */
const plain = /^[!-$&-~]*$/

/**
 * Throws `invalid-request` for an address of the API with such characters, of which no name or search has any and which
 * not every database can keep: whatever the route makes of it.
 */
export function refuseControlCharacters(c: Context, { inQuery }: { inQuery: boolean }): void {
  if (plain.test(c.req.url)) return
  const { pathname, searchParams } = new URL(c.req.url)
  if (pathname.split('/').some((segment) => hasControlCharacters(decode(segment)))) {
    throw refusal('{path}', 'the path')
  }
  if (!inQuery) return
  for (const [name, value] of searchParams) {
    if (hasControlCharacters(name)) throw refusal('?', 'the name of a parameter')
    if (hasControlCharacters(value)) throw refusal(`?${name.slice(0, 80)}`, `?${name.slice(0, 80)}`)
  }
}

function refusal(pointer: string, place: string): AppError {
  return new AppError('invalid-request', {
    detail: `The request is not valid. ${place}: ${detail}.`,
    errors: [{ pointer, detail }],
  })
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
