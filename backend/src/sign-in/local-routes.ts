import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { describeRoute } from '#http'
import { localCookie } from './cookies.ts'
import type { LocalAccess } from './local-access.ts'

/**
 * Mounted at `/` in local mode, before the portal: the printed address sets the cookie and leads on without the secret, so
 * that no bookmark and no `Referer` has it.
 */
export function localRoutes(local: LocalAccess, { port }: { port: number }) {
  return new Hono<HubEnv>().get(
    '/',
    describeRoute({ policy: 'public', isUnlisted: true }),
    async (c, next) => {
      const token = c.req.query('token')
      if (token === undefined) return next()
      c.header('cache-control', 'no-store')
      if (!local.isSecret(token)) return c.redirect('/login?error=local-token', 303)
      localCookie(c, port).set(local.cookie)
      return c.redirect('/', 303)
    },
  )
}
