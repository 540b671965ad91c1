import { SessionList, UserId } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import type { SessionDeps } from './deps.ts'
import { listSessionsOf } from './list-sessions.ts'
import { revokeSessionsOf } from './revoke-sessions.ts'

const UserParam = z.object({ user: UserId })
const SessionParam = UserParam.extend({ session: z.uuid() })

/** Mounted at `/api/admin/users`. */
export function userSessionRoutes(deps: Pick<SessionDeps, 'config'>) {
  return new Hono<HubEnv>()
    .get(
      '/:user/sessions',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub' },
        operationId: 'listSessionsOf',
        tag: 'People',
        summary: "A person's sessions",
        answers: { 200: SessionList },
      }),
      validate('param', UserParam),
      async (c) => c.json(await listSessionsOf(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
    .delete(
      '/:user/sessions',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
        operationId: 'revokeSessionsOf',
        tag: 'People',
        summary: 'Sign a person out everywhere',
        answers: { 204: null },
      }),
      validate('param', UserParam),
      async (c) => {
        await revokeSessionsOf(c.get('ctx'), { userId: c.req.valid('param').user })
        return c.body(null, 204)
      },
    )
    .delete(
      '/:user/sessions/:session',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
        operationId: 'revokeSessionOf',
        tag: 'People',
        summary: "End one of a person's sessions",
        answers: { 204: null },
        problems: ['not-found'],
      }),
      validate('param', SessionParam),
      async (c) => {
        const { session: id, user: userId } = c.req.valid('param')
        await revokeSessionsOf(c.get('ctx'), { userId, id })
        return c.body(null, 204)
      },
    )
}
