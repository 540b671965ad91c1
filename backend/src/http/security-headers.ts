import type { MiddlewareHandler } from 'hono'

/** The portal's policy: own scripts, own styles by nonce, nothing else (docs/adr/0002). */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A worker obeys the policy of its own file, not its page's: it may ask this hub, and load nothing. */
export const assetPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"

const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/** Headers on every answer; a page that sets its own policy keeps it. */
export function securityHeaders(options: { https: boolean }): MiddlewareHandler {
  const always: [string, string][] = [
    ['content-security-policy', apiPolicy],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
  ]
  if (options.https) {
    always.push(['strict-transport-security', 'max-age=63072000; includeSubDomains'])
  }
  const api: [string, string][] = [
    ...always,
    // A callback's address holds a code: it is never a referrer.
    ['referrer-policy', 'no-referrer'],
    ['cache-control', 'no-store'],
  ]
  const pages: [string, string][] = [...always, ['referrer-policy', 'same-origin']]
  // Before the answer is made: touching the headers of a finished one costs more than making it.
  return async (c, next) => {
    for (const [name, value] of isApi(c.req.path) ? api : pages) c.header(name, value)
    return next()
  }
}

function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}
