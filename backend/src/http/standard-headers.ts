import type { Context, MiddlewareHandler } from 'hono'
import { apiPolicy } from './content-policies.ts'

/** What an answer says besides its own headers; an answer that sets one of them keeps its own. */
type StandardHeaders = Record<string, string>

declare module 'hono' {
  interface ContextVariableMap {
    standardHeaders: StandardHeaders
    /** Set by an answer that carries the standard headers already. */
    carriesStandardHeaders?: boolean
  }
}

/** Headers on every answer; one that sets its own policy keeps it. What is no page is never kept and no referrer. */
export function standardHeaders(options: { https: boolean }): MiddlewareHandler {
  const standard: StandardHeaders = {
    'content-security-policy': apiPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    ...(options.https && {
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
    }),
    // A callback's address holds a code: it is never a referrer.
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
  return async (c, next) => {
    const own = { ...standard }
    c.set('standardHeaders', own)
    await next()
    if (c.get('carriesStandardHeaders')) return
    const { headers } = c.res
    for (const name in own) if (!headers.has(name)) headers.set(name, own[name]!)
  }
}

/** For what belongs to the portal: its addresses may be referrers to itself, and its files say how long they keep. */
export function asPortal(): MiddlewareHandler {
  return (c, next) => {
    const standard = c.get('standardHeaders')
    standard['referrer-policy'] = 'same-origin'
    delete standard['cache-control']
    return next()
  }
}

/** An answer with the standard headers and its own. Plain objects all the way: a Headers object costs more than a page. */
export function answerPlain(
  c: Context,
  status: number,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null,
  headers: Record<string, string>,
): Response {
  c.set('carriesStandardHeaders', true)
  return new Response(body, { status, headers: { ...c.get('standardHeaders'), ...headers } })
}
