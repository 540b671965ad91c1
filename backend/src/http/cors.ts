import type { Context, MiddlewareHandler } from 'hono'

const allowed = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-max-age': '600',
}
const exposed =
  'ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, Stream-Position, WWW-Authenticate, X-Request-Id, X-Selected-Model, X-Selected-Provider'
/** Whoever is listed may send what they like: SDKs name themselves in headers of their own. */
const headerList = /^[\w-]+( *, *[\w-]+)*$/

/**
 * Lets the listed origins of other applications call with a token of their own. Never with this hub's cookies: there is
 * no `Access-Control-Allow-Credentials`, and never a `*`. Other origins hear nothing of it.
 */
export function allowOrigins(origins: ReadonlySet<string>): MiddlewareHandler {
  if (origins.size === 0) return (_, next) => next()
  return async (c, next) => {
    const origin = c.req.header('origin')
    const isListed = origin !== undefined && origins.has(origin)
    // Fetch §4.8: a preflight comes without credentials, so it is answered before anybody asks who it is.
    if (isListed && isPreflight(c)) {
      const wanted = c.req.header('access-control-request-headers') ?? ''
      return c.body(null, 204, {
        ...allowed,
        'access-control-allow-origin': origin,
        ...(headerList.test(wanted) && { 'access-control-allow-headers': wanted }),
        vary: 'Origin, Access-Control-Request-Headers',
      })
    }
    await next()
    c.res.headers.append('vary', 'Origin')
    if (!isListed) return
    c.res.headers.set('access-control-allow-origin', origin)
    c.res.headers.set('access-control-expose-headers', exposed)
  }
}

/** For what anybody may read, on pages of any origin. */
export const allowEveryOrigin: MiddlewareHandler = async (c, next) => {
  if (isPreflight(c)) {
    return c.body(null, 204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'MCP-Protocol-Version',
      'access-control-max-age': '600',
    })
  }
  c.header('access-control-allow-origin', '*')
  return next()
}

function isPreflight(c: Context): boolean {
  return c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined
}
