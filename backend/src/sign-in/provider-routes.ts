import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { AppError } from '#errors'
import { describeRoute, readForm } from '#http'
import { endByProvider, LogoutRefused } from './backchannel-logout.ts'
import type { SignInDeps } from './deps.ts'

/** RFC 6749 §5.2 */
const OAuthError = z.object({ error: z.string(), error_description: z.string() })

/**
 * Mounted at `/api/auth`, before anything looks at cookies: what identity providers themselves call. The answers are those of
 * OpenID Connect Back-Channel Logout 1.0 §2.8.
 */
export function providerRoutes(deps: SignInDeps) {
  return new Hono<HubEnv>().post(
    '/backchannel-logout/:provider',
    describeRoute({
      policy: 'public',
      operationId: 'endByProvider',
      tag: 'Session',
      summary: 'An identity provider ends sessions',
      description: 'OpenID Connect Back-Channel Logout 1.0. The logout token is the proof.',
      answers: { 200: null, 400: OAuthError },
      reads: {
        path: { provider: 'The identity provider.' },
        body: {
          type: 'application/x-www-form-urlencoded',
          description: 'The field `logout_token`.',
        },
      },
    }),
    async (c) => {
      try {
        const tokens = (await readForm(c)).getAll('logout_token')
        await endByProvider(c.get('ctx'), deps, { provider: c.req.param('provider'), tokens })
        return c.body(null, 200)
      } catch (error) {
        const isExpected = error instanceof LogoutRefused || error instanceof AppError
        if (!isExpected) throw error
        const description = error instanceof AppError ? error.detail : error.message
        return c.json({ error: 'invalid_request', error_description: description }, 400)
      }
    },
  )
}
