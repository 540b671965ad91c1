import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'
import { digestOf } from '#secrets'
import { loginSeconds } from '#sign-in'

const sessionName = 'hub_session'
const signedOutName = 'hub_signed_out'
const loginPrefix = 'hub_login_'
const parallelLoginsMax = 5

/** What the session's cookie is called where the hub runs. */
export function sessionCookieName({ production }: { production: boolean }): string {
  return `${prefixOf(production)}${sessionName}`
}

/**
 * The hub's cookies in one browser. In production all carry the `__Host-` prefix (RFC 6265bis §4.1.3.2), so that no
 * other host or plain HTTP can set one. Lax, not Strict: the provider's redirect back must carry them.
 */
export function browserCookies(c: Context, options: { production: boolean }) {
  const { production } = options
  const prefix = prefixOf(production)
  const attributes: CookieOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: production,
  }
  const loginName = (state: string) => `${prefix}${loginPrefix}${digestOf(state).slice(0, 16)}`

  return {
    session: () => getCookie(c, `${prefix}${sessionName}`),
    setSession(value: string, expires: Date) {
      setCookie(c, `${prefix}${sessionName}`, value, { ...attributes, expires })
      deleteCookie(c, `${prefix}${signedOutName}`, attributes)
    },
    /** For the answer of a request with an older cookie, unless it says more about the session itself. */
    renewSession(value: string, expires: Date) {
      const start = `${prefix}${sessionName}=`
      if (c.res.headers.getSetCookie().some((line) => line.startsWith(start))) return
      setCookie(c, `${prefix}${sessionName}`, value, { ...attributes, expires })
    },
    deleteSession() {
      deleteCookie(c, `${prefix}${sessionName}`, attributes)
      setCookie(c, `${prefix}${signedOutName}`, '1', { ...attributes, maxAge: 86_400 })
    },
    /** Somebody signed out here: the next sign-in asks for the person again. */
    hasSignedOut: () => getCookie(c, `${prefix}${signedOutName}`) !== undefined,
    login: (state: string) => getCookie(c, loginName(state)),
    setLogin(state: string, value: string) {
      const stale = Object.keys(getCookie(c)).filter((name) =>
        name.startsWith(`${prefix}${loginPrefix}`),
      )
      if (stale.length >= parallelLoginsMax) {
        for (const name of stale) deleteCookie(c, name, attributes)
      }
      setCookie(c, loginName(state), value, { ...attributes, maxAge: loginSeconds })
    },
    deleteLogin(state: string) {
      deleteCookie(c, loginName(state), attributes)
    },
  }
}

/**
 * Of local mode, by port: browsers keep one jar for all ports of a host. Strict, for nothing leads here but the terminal and
 * the portal itself.
 */
export function localCookie(c: Context, port: number) {
  const name = `hub_local_${port}`
  return {
    get: () => getCookie(c, name),
    set(value: string) {
      const maxAge = 30 * 86_400
      setCookie(c, name, value, { path: '/', httpOnly: true, sameSite: 'Strict', maxAge })
    },
  }
}

function prefixOf(production: boolean): string {
  return production ? '__Host-' : ''
}
