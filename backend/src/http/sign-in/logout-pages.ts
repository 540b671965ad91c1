import { SignedOut } from '@hub/shared'
import * as z from 'zod'
import { AppError } from '#errors'
import { endByProvider, LogoutRefused, signOut, type SignInDeps } from '#sign-in'
import { readClient } from '../client.ts'
import { definePage } from '../define-page.ts'
import { readForm } from '../read-body.ts'
import { browserCookies } from './cookies.ts'

/** RFC 6749 §5.2 */
const OAuthError = z.object({ error: z.string(), error_description: z.string() })

export const logoutPages = [
  definePage({
    id: 'signOut',
    tag: 'Session',
    summary: 'Sign out',
    description: 'Without a session it does nothing.',
    policy: 'public',
    effect: 'write',
    answers: { 200: SignedOut },
    problems: ['csrf'],
    http: { method: 'post', path: '/api/auth/logout' },
    async handle(c, deps: SignInDeps) {
      const client = readClient(c, deps.config.trustedProxies)
      const signedOut = await signOut(c.get('ctx'), deps, client)
      browserCookies(c, deps.config).deleteSession()
      c.header('clear-site-data', '"cache"')
      return c.json(signedOut, 200)
    },
  }),
  // Identity providers call it themselves; the answers are those of OpenID Connect Back-Channel Logout 1.0 §2.8.
  definePage({
    id: 'endByProvider',
    tag: 'Session',
    summary: 'An identity provider ends sessions',
    description: 'OpenID Connect Back-Channel Logout 1.0. The logout token is the proof.',
    policy: 'public',
    effect: 'write',
    isForAnyone: true,
    answers: { 200: null, 400: OAuthError },
    reads: {
      path: { provider: 'The identity provider.' },
      body: {
        type: 'application/x-www-form-urlencoded',
        description: 'The field `logout_token`.',
      },
    },
    http: { method: 'post', path: '/api/auth/backchannel-logout/:provider' },
    async handle(c, deps: SignInDeps) {
      try {
        const tokens = (await readForm(c)).getAll('logout_token')
        const provider = c.req.param('provider') ?? ''
        await endByProvider(c.get('ctx'), deps, { provider, tokens })
        return c.body(null, 200)
      } catch (error) {
        const isExpected = error instanceof LogoutRefused || error instanceof AppError
        if (!isExpected) throw error
        const description = error instanceof AppError ? error.detail : error.message
        return c.json({ error: 'invalid_request', error_description: description }, 400)
      }
    },
  }),
] as const
