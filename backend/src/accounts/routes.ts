import { LinkIdentityInput, User, UserId } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import type { PersonDeps } from './deps.ts'
import { disableUser, enableUser } from './disable-user.ts'
import { linkIdentity, unlinkIdentity } from './link-identity.ts'

const UserParam = z.object({ user: UserId })
const IdentityParam = UserParam.extend({ identity: z.uuid() })

/** Mounted at `/api/admin/users`. */
export function accountRoutes(deps: PersonDeps) {
  return new Hono<HubEnv>()
    .post(
      '/:user/disable',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
        operationId: 'disableUser',
        tag: 'People',
        summary: 'Lock a person out',
        description: 'Sessions and streams end, tokens rest.',
        answers: { 200: User },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', UserParam),
      async (c) => c.json(await disableUser(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
    .post(
      '/:user/enable',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
        operationId: 'enableUser',
        tag: 'People',
        summary: 'Let a person in again',
        answers: { 200: User },
        problems: ['not-found'],
      }),
      validate('param', UserParam),
      async (c) => c.json(await enableUser(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
    .post(
      '/:user/identities',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub', isFresh: true, takesSession: true },
        operationId: 'linkIdentity',
        tag: 'People',
        summary: 'Move an identity to a person',
        description: 'So that both ways of signing in are one person.',
        answers: { 200: User },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', UserParam),
      validate('json', LinkIdentityInput),
      async (c) => {
        const { user: userId } = c.req.valid('param')
        const input = { userId, ...c.req.valid('json') }
        return c.json(await linkIdentity(c.get('ctx'), deps, input), 200)
      },
    )
    .delete(
      '/:user/identities/:identity',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub', isFresh: true, takesSession: true },
        operationId: 'unlinkIdentity',
        tag: 'People',
        summary: 'Make an identity a person of its own',
        answers: { 200: User },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', IdentityParam),
      async (c) => {
        const { identity: identityId, user: userId } = c.req.valid('param')
        return c.json(await unlinkIdentity(c.get('ctx'), deps, { userId, identityId }), 200)
      },
    )
}
