import type { Context, MiddlewareHandler } from 'hono'
import { AppError } from '#errors'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what another site may have sent with the cookies of this one: unsafe requests, and of safe ones those that change
 * something all the same, or hold a place for as long as they are open. Fetch Metadata decides where the browser sends it, else the
 * Origin must be one of ours; an unsafe request with neither is refused, because it may carry a cookie. No other site has a
 * bearer to send. Throws `csrf`.
 */
export function refuseCrossSite(options: {
  isOwnOrigin: (origin: string, c: Context) => boolean
  /** Whether safe methods are held to it too. */
  ofSafe: boolean
}): MiddlewareHandler {
  return async (c, next) => {
    const isSafe = safeMethods.has(c.req.method)
    if ((isSafe && !options.ofSafe) || c.get('bearer') !== null) return next()
    const site = c.req.header('sec-fetch-site')
    const origin = c.req.header('origin')
    const own =
      site === undefined
        ? origin === undefined
          ? isSafe
          : options.isOwnOrigin(origin, c)
        : site === 'same-origin' || (isSafe && site === 'none')
    if (!own) {
      throw new AppError('csrf', {
        detail:
          "The request did not come from the portal itself, so it was refused. Open the portal and try again there. Scripts should use an API token, or send an Origin header with the hub's own address.",
      })
    }
    return next()
  }
}
