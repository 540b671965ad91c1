import { safeReturnTo, type SignInDeps } from '#sign-in'
import { definePage } from '../define-page.ts'
import { presentProblem } from '../problem.ts'
import { renderLoginError } from './login-error-page.ts'
import { renderSignInPage, signInPolicy } from './sign-in-page.ts'

/** Of what a link may bring along; what the hub itself writes there is shorter. */
const shownMax = 100

/** Where the portal leads whoever is not signed in. */
export const signInPages = [
  definePage({
    id: 'getSignInPage',
    tag: 'Session',
    summary: 'The sign-in page',
    description: 'For browsers. Whoever is signed in is redirected.',
    policy: 'public',
    effect: 'read',
    isOpenLocally: true,
    takesAnyQuery: true,
    answers: { 200: { type: 'text/html', description: 'A page for people.' }, 303: null },
    reads: {
      query: {
        return_to: 'The path of the portal to come back to.',
        again: '`true` for a fresh sign-in of the person who is signed in.',
        error: 'The code of the problem that a sign-in came back with.',
        ref: 'The id of that request.',
      },
    },
    http: { method: 'get', path: '/login' },
    handle(c, deps: SignInDeps) {
      const { actor } = c.get('ctx')
      const error = c.req.query('error')
      const again = c.req.query('again') === 'true'
      const asked = c.req.query('return_to')
      const returnTo = again && asked === undefined ? '/me' : safeReturnTo(asked)
      if (actor.type === 'user' && error === undefined && !again) return c.redirect(returnTo, 303)
      const all = deps.providers.map(({ id, name }) => ({ id, name }))
      const own = actor.type === 'user' ? all.filter(({ id }) => id === actor.provider) : []
      c.header('content-security-policy', signInPolicy)
      return c.html(
        renderSignInPage({
          returnTo,
          again,
          error: error?.slice(0, shownMax),
          reference: c.req.query('ref')?.slice(0, shownMax),
          ended: actor.type === 'anonymous' ? (actor.ended ?? null) : null,
          providers: deps.local !== null ? null : again && own.length > 0 ? own : all,
        }),
        200,
      )
    },
    answerError(c, error) {
      const { requestId } = c.get('ctx')
      const problem = presentProblem(error, { path: c.req.path, requestId })
      return c.html(renderLoginError(problem, { isLast: true }), problem.status)
    },
  }),
] as const
