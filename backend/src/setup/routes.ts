import { Setup } from '@hub/shared'
import { Hono, type Context } from 'hono'
import type { HubEnv } from '#context'
import { asAppError, describeRoute, presentProblem, validate } from '#http'
import { requireUser } from '#rbac'
import { browserCookies, renderLoginError } from '#sign-in'
import type { SetupDeps } from './deps.ts'
import { linkPagePolicy, renderLinkPage } from './link-page.ts'
import { openSessionByLink } from './use-link.ts'

/** Mounted at `/api/auth`: the first administrator, and the day the identity provider is down. */
export function setupRoutes(deps: SetupDeps) {
  return new Hono<HubEnv>()
    .post(
      '/setup',
      describeRoute({
        policy: 'browser-session',
        operationId: 'finishSetup',
        tag: 'Session',
        summary: 'Become the first administrator',
        description: "With the one-time code of the hub's log, while nobody administers the hub.",
        answers: { 204: null },
        problems: ['setup-refused', 'conflict'],
      }),
      async (c, next) => {
        requireUser(c.get('ctx').actor)
        await next()
      },
      validate('json', Setup),
      async (c) => {
        const ctx = c.get('ctx')
        await deps.setup.finish(ctx, c.req.valid('json').code)
        if (ctx.actor.type === 'user' && ctx.actor.credential.type === 'session') {
          deps.sessionCache.drop(ctx.actor.credential.id)
        }
        return c.body(null, 204)
      },
    )
    .get(
      '/link',
      describeRoute({
        policy: 'public',
        operationId: 'getLinkPage',
        tag: 'Session',
        summary: 'The page of a sign-in link',
        answers: { 200: { type: 'text/html', description: 'A page with one button.' } },
        reads: { query: { code: 'Of the link that `admin:link` printed.' } },
      }),
      (c) => {
        const code = c.req.query('code') ?? ''
        c.header('content-security-policy', linkPagePolicy)
        // With no referrer at all a form's Origin would be "null".
        c.header('referrer-policy', 'same-origin')
        return c.html(renderLinkPage(code.slice(0, 100)), 200)
      },
    )
    .post(
      '/link',
      describeRoute({
        policy: 'public',
        operationId: 'openSessionByLink',
        tag: 'Session',
        summary: 'Sign in with a link',
        description: 'A link is good once.',
        answers: {
          303: null,
          400: { type: 'text/html', description: 'A page that says why not.' },
        },
        problems: ['csrf'],
        reads: { query: { code: 'Of the link.' } },
      }),
      (c) => answerLink(c, deps),
    )
}

async function answerLink(c: Context<HubEnv>, deps: SetupDeps): Promise<Response> {
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
}
