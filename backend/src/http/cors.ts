import type { MiddlewareHandler } from 'hono'

const allowed = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-max-age': '600',
}
const exposed =
  'ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, X-Request-Id, X-Selected-Model, X-Selected-Provider'
/** Whoever is listed may send what they like: SDKs name themselves in headers of their own. */
const headerList = /^[\w-]+( *, *[\w-]+)*$/

/**
 * Lets the listed origins of other applications call with a token of their own. Never with this hub's cookies: there is
 * no `Access-Control-Allow-Credentials`, and never a `*`. Other origins hear nothing of it.
 */
export function allowOrigins(origins: ReadonlySet<string>): MiddlewareHandler {
  return async (c, next) => {
    if (origins.size === 0) return next()
    const origin = c.req.header('origin')
    const isListed = origin !== undefined && origins.has(origin)
    // Fetch §4.8: a preflight comes without credentials, so it is answered before anybody asks who it is.
    if (isListed && c.req.method === 'OPTIONS' && c.req.header('access-control-request-method')) {
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
