import type { Context, MiddlewareHandler } from 'hono'

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

/** The API's own page: its files, which draw their icons from `data:` in their styles, and this hub's answers. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/** What an answer says besides its own headers; an answer that sets one of them keeps its own. */
type StandardHeaders = Record<string, string>

declare module 'hono' {
  interface ContextVariableMap {
    standardHeaders: StandardHeaders
    /** Set by an answer that carries the standard headers already. */
    carriesStandardHeaders?: boolean
  }
}

/** Headers on every answer; a page that sets its own policy keeps it. */
export function securityHeaders(options: { https: boolean }): MiddlewareHandler {
  const always: StandardHeaders = {
    'content-security-policy': apiPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    ...(options.https && {
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
    }),
  }
  // A callback's address holds a code: it is never a referrer.
  const api: StandardHeaders = {
    ...always,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  const pages: StandardHeaders = { ...always, 'referrer-policy': 'same-origin' }
  return async (c, next) => {
    const standard = { ...(isApi(c.req.path) ? api : pages) }
    c.set('standardHeaders', standard)
    await next()
    if (c.get('carriesStandardHeaders')) return
    const { headers } = c.res
    for (const name in standard) if (!headers.has(name)) headers.set(name, standard[name]!)
  }
}

/** An answer with the standard headers and its own. Plain objects all the way: a Headers object costs more than a page. */
export function answerBytes(
  c: Context,
  status: number,
  bytes: Uint8Array<ArrayBuffer> | null,
  headers: Record<string, string>,
): Response {
  c.set('carriesStandardHeaders', true)
  return new Response(bytes, { status, headers: { ...c.get('standardHeaders'), ...headers } })
}

function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}
