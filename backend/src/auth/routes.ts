import { Hono, type Context } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { presentProblem, asAppError, readClient, validate } from '#http'
import { requireUser } from '#rbac'
import { browserCookies } from './cookies.ts'
import type { AuthDeps } from './deps.ts'
import { finishLogin } from './finish-login.ts'
import { renderLoginError } from './login-error-page.ts'
import { presentMe } from './present.ts'
import { describeRefresh, listSessions, revokeOtherSessions, revokeSession } from './sessions.ts'
import { signOut } from './sign-out.ts'
import { startLogin } from './start-login.ts'

const SessionParam = z.object({ session: z.string().min(1).max(64) })

export function authRoutes(deps: AuthDeps, { limitLogin }: { limitLogin: (c: Context) => void }) {
  return new Hono<HubEnv>()
    .get('/providers', (c) =>
      c.json({ items: deps.providers.map(({ id, name }) => ({ id, name })) }, 200),
    )
    .get('/me', async (c) => {
      const ctx = c.get('ctx')
      const actor = requireUser(ctx.actor)
      return c.json(presentMe(ctx, actor, await deps.setup.isAwaited(ctx)), 200)
    })
    .get('/login/:provider', (c) =>
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
    .get('/callback/:provider', (c) =>
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
        cookies.setSession(login.sessionCookie, login.expiresAt)
        return c.redirect(login.returnTo, 303)
      }),
    )
    .get('/sessions', async (c) => c.json(await listSessions(c.get('ctx'), deps), 200))
    .delete('/sessions', async (c) => {
      await revokeOtherSessions(c.get('ctx'))
      return c.body(null, 204)
    })
    .delete('/sessions/:session', validate('param', SessionParam), async (c) => {
      await revokeSession(c.get('ctx'), c.req.valid('param').session)
      return c.body(null, 204)
    })
    .post('/refresh', async (c) => c.json(await describeRefresh(c.get('ctx'), deps), 200))
    .post('/logout', async (c) => {
      const client = readClient(c, deps.config.trustedProxies)
      const signedOut = await signOut(c.get('ctx'), deps, client)
      browserCookies(c, deps.config).deleteSession()
      c.header('clear-site-data', '"cache"')
      return c.json(signedOut, 200)
    })
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
