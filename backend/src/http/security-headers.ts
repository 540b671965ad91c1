import type { MiddlewareHandler } from 'hono'

/** The portal's policy: own scripts, own styles by nonce, nothing else (docs/adr/0002). */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/** Headers on every answer; a page that set its own policy keeps it. */
export function securityHeaders(options: { https: boolean }): MiddlewareHandler {
  return async (c, next) => {
    await next()
    const { headers } = c.res
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', apiPolicy)
    headers.set('x-content-type-options', 'nosniff')
    headers.set('x-frame-options', 'DENY')
    // A callback's address holds a code: it is never a referrer.
    headers.set('referrer-policy', isApi(c.req.path) ? 'no-referrer' : 'same-origin')
    headers.set('cross-origin-opener-policy', 'same-origin')
    headers.set('cross-origin-resource-policy', 'same-origin')
    headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    if (options.https) {
      headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains')
    }
    if (isApi(c.req.path) && !headers.has('cache-control')) {
      headers.set('cache-control', 'no-store')
    }
  }
}

function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}
