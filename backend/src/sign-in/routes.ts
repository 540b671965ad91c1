import { IdText, Me, ProviderList, RefreshedSession, SessionList, SignedOut } from '@hub/shared'
import { Hono, type Context } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { asAppError, describeRoute, presentProblem, readClient, validate } from '#http'
import { requireUser } from '#rbac'
import { browserCookies } from './cookies.ts'
import type { SignInDeps } from './deps.ts'
import { finishLogin } from './finish-login.ts'
import { renderLoginError } from './login-error-page.ts'
import { presentMe } from './present.ts'
import { describeRefresh, listSessions, revokeOtherSessions, revokeSession } from '#sessions'
import { signOut } from './sign-out.ts'
import { startLogin } from './start-login.ts'

const errorPage = {
  type: 'text/html',
  description: 'A page that says what happened, with the status of its problem.',
}

const SessionParam = z.object({ session: IdText.min(1).max(64) })

export function authRoutes(deps: SignInDeps, { limitLogin }: { limitLogin: (c: Context) => void }) {
  return new Hono<HubEnv>()
    .get(
      '/providers',
      describeRoute({
        policy: 'public',
        operationId: 'listProviders',
        tag: 'Session',
        summary: 'The identity providers to sign in with',
        answers: { 200: ProviderList },
      }),
      (c) => {
        const items = deps.providers.map(({ id, name }) => ({ id, name }))
        return c.json({ items, isLocal: deps.local !== null }, 200)
      },
    )
    .get(
      '/me',
      describeRoute({
        policy: 'person',
        operationId: 'getMe',
        tag: 'Session',
        summary: 'Who is signed in, and what they hold',
        answers: { 200: Me },
      }),
      async (c) => {
        const ctx = c.get('ctx')
        const actor = requireUser(ctx.actor)
        return c.json(presentMe(ctx, actor, await deps.setup.isAwaited(ctx)), 200)
      },
    )
    .get(
      '/login/:provider',
      describeRoute({
        policy: 'public',
        operationId: 'startLogin',
        tag: 'Session',
        summary: 'Sign in',
        description: 'For browsers: leads to the identity provider.',
        answers: {
          302: null,
          400: errorPage,
          401: errorPage,
          403: errorPage,
          404: errorPage,
          429: errorPage,
          502: errorPage,
        },
        reads: {
          path: { provider: '`entra`, `github` or `oidc`, where enabled.' },
          query: {
            return_to: 'The path of the portal to come back to.',
            prompt: '`login` asks for the person again.',
          },
        },
      }),
      (c) =>
        answerBrowser(c, async () => {
          limitLogin(c)
          const cookies = browserCookies(c, deps.config)
          const login = await startLogin(deps, {
            provider: c.req.param('provider'),
            client: readClient(c, deps.config.trustedProxies),
            returnTo: c.req.query('return_to'),
            forceLogin: c.req.query('prompt') === 'login' || cookies.hasSignedOut(),
          })
          cookies.setLogin(login.state, login.cookie)
          return c.redirect(login.authorizationUrl.href, 302)
        }),
    )
    .get(
      '/callback/:provider',
      describeRoute({
        policy: 'public',
        operationId: 'finishLogin',
        tag: 'Session',
        summary: 'Come back from the identity provider',
        description: 'For browsers that began to sign in here: each state is good once.',
        answers: {
          303: null,
          400: errorPage,
          401: errorPage,
          403: errorPage,
          404: errorPage,
          429: errorPage,
          502: errorPage,
        },
        reads: {
          path: { provider: 'As in the sign-in.' },
          query: {
            code: 'Of the identity provider.',
            state: 'Of the sign-in.',
            error: 'Of the identity provider.',
          },
        },
      }),
      (c) =>
        answerBrowser(c, async () => {
          limitLogin(c)
          const cookies = browserCookies(c, deps.config)
          const parameters = new URL(c.req.url).searchParams
          const state = parameters.get('state') ?? ''
          const cookie = cookies.login(state)
          cookies.deleteLogin(state)
          const login = await finishLogin(c.get('ctx'), deps, {
            provider: c.req.param('provider'),
            parameters,
            cookie,
          })
          if ('again' in login) {
            cookies.setLogin(login.again.state, login.again.cookie)
            return c.redirect(login.again.authorizationUrl.href, 303)
          }
          cookies.setSession(login.sessionCookie, login.expiresAt)
          return c.redirect(login.returnTo, 303)
        }),
    )
    .get(
      '/sessions',
      describeRoute({
        policy: 'browser-session',
        operationId: 'listSessions',
        tag: 'Session',
        summary: 'Own browser sessions',
        answers: { 200: SessionList },
      }),
      async (c) => c.json(await listSessions(c.get('ctx'), deps), 200),
    )
    .delete(
      '/sessions',
      describeRoute({
        policy: 'browser-session',
        operationId: 'revokeOtherSessions',
        tag: 'Session',
        summary: 'End all own sessions but this one',
        answers: { 204: null },
      }),
      async (c) => {
        await revokeOtherSessions(c.get('ctx'))
        return c.body(null, 204)
      },
    )
    .delete(
      '/sessions/:session',
      describeRoute({
        policy: 'browser-session',
        operationId: 'revokeSession',
        tag: 'Session',
        summary: 'End one of the own sessions',
        answers: { 204: null },
        problems: ['not-found'],
      }),
      validate('param', SessionParam),
      async (c) => {
        await revokeSession(c.get('ctx'), c.req.valid('param').session)
        return c.body(null, 204)
      },
    )
    .post(
      '/refresh',
      describeRoute({
        policy: 'browser-session',
        operationId: 'describeRefresh',
        tag: 'Session',
        summary: 'Prolong the session',
        answers: { 200: RefreshedSession },
      }),
      async (c) => c.json(await describeRefresh(c.get('ctx'), deps), 200),
    )
    .post(
      '/logout',
      describeRoute({
        policy: 'public',
        operationId: 'signOut',
        tag: 'Session',
        summary: 'Sign out',
        description: 'Without a session it does nothing.',
        answers: { 200: SignedOut },
        problems: ['csrf'],
      }),
      async (c) => {
        const client = readClient(c, deps.config.trustedProxies)
        const signedOut = await signOut(c.get('ctx'), deps, client)
        browserCookies(c, deps.config).deleteSession()
        c.header('clear-site-data', '"cache"')
        return c.json(signedOut, 200)
      },
    )
}

/** The two routes that a browser visits as pages: their errors are pages too, with the problem's status. */
async function answerBrowser(
  c: Context<HubEnv>,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    return await answer()
  } catch (thrown) {
    const error = asAppError(thrown)
    const { log, requestId } = c.get('ctx')
    const problem = presentProblem(error, { path: c.req.path, requestId })
    log.warn({ error, code: error.code, requestId }, 'sign-in did not succeed')
    return c.html(renderLoginError(problem, error.helpUrl), problem.status)
  }
}
