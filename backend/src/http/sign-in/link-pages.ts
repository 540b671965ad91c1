import { asAppError } from '#errors'
import { openSessionByLink, type SetupDeps } from '#setup'
import { definePage } from '../define-page.ts'
import { presentProblem } from '../problem.ts'
import { browserCookies } from './cookies.ts'
import { linkPagePolicy, renderLinkPage } from './link-page.ts'
import { renderLoginError } from './login-error-page.ts'

/** For the day the identity provider is down. */
export const linkPages = [
  definePage({
    id: 'getLinkPage',
    tag: 'Session',
    summary: 'The page of a sign-in link',
    policy: 'public',
    effect: 'read',
    limit: 'setup',
    answers: { 200: { type: 'text/html', description: 'A page with one button.' } },
    reads: { query: { code: 'The code of the link that `admin:link` printed.' } },
    http: { method: 'get', path: '/api/auth/link' },
    handle(c) {
      const code = c.req.query('code') ?? ''
      c.header('content-security-policy', linkPagePolicy)
      // With no referrer at all a form's Origin would be "null".
      c.header('referrer-policy', 'same-origin')
      return c.html(renderLinkPage(code.slice(0, 100)), 200)
    },
  }),
  definePage({
    id: 'openSessionByLink',
    tag: 'Session',
    summary: 'Sign in with a link',
    description: 'A link works once.',
    policy: 'public',
    effect: 'write',
    limit: 'setup',
    answers: {
      303: null,
      400: { type: 'text/html', description: 'A page that says why it did not work.' },
    },
    problems: ['csrf'],
    reads: { query: { code: 'The code of the link.' } },
    http: { method: 'post', path: '/api/auth/link' },
    async handle(c, deps: SetupDeps) {
      const ctx = c.get('ctx')
      try {
        const session = await openSessionByLink(ctx, deps, c.req.query('code') ?? '')
        browserCookies(c, deps.config).setSession(session.sessionCookie, session.expiresAt)
        return c.redirect('/', 303)
      } catch (thrown) {
        const error = asAppError(thrown)
        ctx.log.warn({ error, code: error.code }, 'a sign-in link did not sign in')
        const problem = presentProblem(error, { path: c.req.path, requestId: ctx.requestId })
        return c.html(renderLoginError(problem), problem.status)
      }
    },
  }),
] as const
