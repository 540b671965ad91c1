import type { MiddlewareHandler } from 'hono'
import type { LocalAccess } from '#sign-in'
import { localCookie } from './cookies.ts'

/**
 * Stands at `/` in local mode, before the portal: the printed address sets the cookie and leads on without the secret, so
 * that no bookmark and no `Referer` has it.
 */
export function localEntry(local: LocalAccess, { port }: { port: number }): MiddlewareHandler {
  return async (c, next) => {
    // Pasted, it may have blanks around it.
    const token = c.req.query('token')?.trim()
    if (token === undefined) return next()
    c.header('cache-control', 'no-store')
    if (!local.isSecret(token)) return c.redirect('/login?error=local-token', 303)
    localCookie(c, port).set(local.cookie)
    return c.redirect('/', 303)
  }
}
