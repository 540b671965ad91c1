import type { MiddlewareHandler } from 'hono'
import { AppError } from '#errors'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses unsafe requests that another site may have sent. Fetch Metadata decides where the browser sends it, else the
 * Origin must be one of ours; a request with neither is refused, because it may carry a cookie.
 */
export function refuseCrossSite(options: {
  isOwnOrigin: (origin: string, host: string | undefined) => boolean
  /** Exact paths that identity providers post to. */
  except: ReadonlySet<string>
}): MiddlewareHandler {
  return async (c, next) => {
    if (safeMethods.has(c.req.method) || options.except.has(c.req.path)) return next()
    // No other site can make a browser send one, and where there is one no cookie counts.
    if (c.get('bearer')) return next()
    const site = c.req.header('sec-fetch-site')
    const origin = c.req.header('origin')
    const own =
      site === undefined
        ? origin !== undefined && options.isOwnOrigin(origin, c.req.header('host'))
        : site === 'same-origin'
    if (!own) {
      throw new AppError('csrf', {
        detail:
          "The request did not come from the portal itself, so it was refused. Open the portal and try again there; a script sends an Origin header with the hub's own address.",
      })
    }
    return next()
  }
}
