import type { Context, MiddlewareHandler } from 'hono'
import { AppError } from '#errors'

declare module 'hono' {
  interface ContextVariableMap {
    /** The token of the Authorization header; null where there is no such header. */
    bearer: string | null
    /** What a door goes by where there is no such header. */
    otherBearer?: string
  }
}

/**
 * Reads the Authorization header once, before anything that asks who it is: whoever presents a bearer token is judged by
 * it alone, whatever cookies come with it. Throws `unauthenticated` and `invalid-request`.
 */
export function presentBearer(): MiddlewareHandler {
  return (c, next) => {
    c.set('bearer', readBearer(authorizationHeaders(c)) ?? c.get('otherBearer') ?? null)
    return next()
  }
}

/** Anthropic's clients show their key in a header of its own. */
export function takeApiKey(): MiddlewareHandler {
  return (c, next) => {
    const key = c.req.header('x-api-key')
    if (key !== undefined && tokenPattern.test(key)) c.set('otherBearer', key)
    return next()
  }
}

const tokenPattern = /^[\w.~+/-]+=*$/

/** RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1). */
export function readBearer(headers: readonly string[]): string | null {
  const [header, ...more] = headers
  if (header === undefined) return null
  if (more.length > 0) {
    throw new AppError('invalid-request', {
      detail: 'The request has more than one Authorization header. Send one.',
    })
  }
  const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(header.trim()) ?? []
  if (token !== undefined) return token
  throw new AppError('unauthenticated', {
    detail:
      'The Authorization header carries no bearer token. Write "Authorization: Bearer <token>", or leave it out.',
  })
}

/** Node keeps the first of several only, so they are counted where they arrived. */
export function authorizationHeaders(c: Context): string[] {
  const { incoming } = (c.env ?? {}) as { incoming?: { rawHeaders?: readonly string[] } }
  if (incoming?.rawHeaders) {
    return incoming.rawHeaders.filter(
      (_, index, all) => index % 2 === 1 && all[index - 1]!.toLowerCase() === 'authorization',
    )
  }
  const joined = c.req.header('authorization')
  // A Headers object joins several by a comma, which no token has.
  return joined === undefined ? [] : joined.split(/, *(?=(?:bearer|basic)(?: |$))/i)
}
