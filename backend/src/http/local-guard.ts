import type { MiddlewareHandler } from 'hono'
import { AppError } from '#errors'

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * Local mode asks nobody who they are, so it answers this machine's own browser and programs alone: not under another
 * host's name (DNS rebinding), and not through a proxy.
 */
export function refuseRemote(options: {
  isLoopbackHost: (host: string) => boolean
}): MiddlewareHandler {
  return (c, next) => {
    const host = c.req.header('host') ?? ''
    if (!options.isLoopbackHost(host)) {
      throw new AppError('host-not-allowed', {
        detail: `In local mode the hub answers under this machine's own names, such as localhost, and not for "${host.slice(0, 100)}".`,
      })
    }
    if (proxyHeaders.some((name) => c.req.header(name) !== undefined)) {
      throw new AppError('host-not-allowed', {
        detail:
          'In local mode nobody signs in, so the hub answers no requests that come through a proxy. To serve others, set HUB_MODE=true.',
      })
    }
    return next()
  }
}

/** Nor does what is not the portal's own page answer other sites in the same browser, whatever they ask. */
export const refuseOtherSites: MiddlewareHandler = (c, next) => {
  const site = c.req.header('sec-fetch-site')
  if (site === 'cross-site' || site === 'same-site') {
    throw new AppError('csrf', {
      detail: 'The request came from another site, so it was refused. Open the portal itself.',
    })
  }
  return next()
}
