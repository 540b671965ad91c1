import type { Context } from 'hono'
import type { AppError } from '#errors'
import { finishLogin, safeReturnTo, startLogin, type SignInDeps } from '#sign-in'
import { readClient } from '../client.ts'
import type { HubEnv } from '../hub-env.ts'
import { definePage, type Page } from '../define-page.ts'
import { presentProblem } from '../problem.ts'
import { browserCookies } from './cookies.ts'
import { renderLoginError } from './login-error-page.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** The path of the portal that a sign-in is to lead to: one that fails and is begun again leads there too. */
    signInReturnTo?: string
  }
}

const errorPage = {
  type: 'text/html',
  description: 'A page that says what happened, with the status of its problem.',
}
const errorPages = {
  400: errorPage,
  401: errorPage,
  403: errorPage,
  404: errorPage,
  429: errorPage,
  502: errorPage,
}

/** A browser visits both as pages: their errors are pages too, with the problem's status. */
const ofBrowser = {
  tag: 'Session',
  policy: 'public',
  effect: 'write',
  limit: 'login',
  isFromAnySite: true,
  takesAnyQuery: true,
  answerError(c: Context<HubEnv>, error: AppError) {
    const { log, requestId } = c.get('ctx')
    const problem = presentProblem(error, { path: c.req.path, requestId })
    log.warn({ error, code: error.code, requestId }, 'sign-in did not succeed')
    const returnTo = c.get('signInReturnTo') ?? '/'
    const { helpUrl } = error
    return c.html(renderLoginError(problem, { helpUrl, returnTo }), problem.status)
  },
} as const satisfies Partial<Page>

export const loginPages = [
  definePage({
    ...ofBrowser,
    id: 'startLogin',
    summary: 'Sign in',
    description: 'For browsers: redirects to the identity provider.',
    answers: { 302: null, ...errorPages },
    reads: {
      path: { provider: '`entra`, `github` or `oidc`, where enabled.' },
      query: {
        return_to: 'The path of the portal to come back to.',
        prompt: '`login` asks the person to sign in again.',
      },
    },
    http: { method: 'get', path: '/api/auth/login/:provider' },
    async handle(c, deps: SignInDeps) {
      c.set('signInReturnTo', safeReturnTo(c.req.query('return_to')))
      const cookies = browserCookies(c, deps.config)
      const login = await startLogin(deps, {
        provider: c.req.param('provider') ?? '',
        client: readClient(c, deps.config.trustedProxies),
        returnTo: c.req.query('return_to'),
        forceLogin: c.req.query('prompt') === 'login' || cookies.hasSignedOut(),
      })
      cookies.setLogin(login.state, login.cookie)
      return c.redirect(login.authorizationUrl.href, 302)
    },
  }),
  definePage({
    ...ofBrowser,
    id: 'finishLogin',
    summary: 'Come back from the identity provider',
    description: 'For browsers that began to sign in here: each state works once.',
    answers: { 303: null, ...errorPages },
    reads: {
      path: { provider: 'As in the sign-in.' },
      query: {
        code: 'Of the identity provider.',
        state: 'Of the sign-in.',
        error: 'Of the identity provider.',
      },
    },
    http: { method: 'get', path: '/api/auth/callback/:provider' },
    async handle(c, deps: SignInDeps) {
      const cookies = browserCookies(c, deps.config)
      const parameters = new URL(c.req.url).searchParams
      const state = parameters.get('state') ?? ''
      const cookie = cookies.login(state)
      cookies.deleteLogin(state)
      const begun = cookie === undefined ? null : await deps.loginCookie.open(cookie)
      if (begun) c.set('signInReturnTo', safeReturnTo(pathOf(begun.returnTo)))
      const login = await finishLogin(c.get('ctx'), deps, {
        provider: c.req.param('provider') ?? '',
        parameters,
        cookie,
      })
      if ('again' in login) {
        cookies.setLogin(login.again.state, login.again.cookie)
        return c.redirect(login.again.authorizationUrl.href, 303)
      }
      cookies.setSession(login.sessionCookie, login.expiresAt)
      return c.redirect(login.returnTo, 303)
    },
  }),
] as const

function pathOf(href: string): string {
  const { hash, pathname, search } = new URL(href)
  return `${pathname}${search}${hash}`
}
