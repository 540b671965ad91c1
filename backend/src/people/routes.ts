import { User, UserId, UserList, UsersQuery } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import type { PeopleDeps } from './deps.ts'
import { getUser, listUsers } from './list-users.ts'

const UserParam = z.object({ user: UserId })

/** Mounted at `/api/admin/users`. */
export function userRoutes(deps: PeopleDeps) {
  return new Hono<HubEnv>()
    .get(
      '/',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub' },
        operationId: 'listUsers',
        tag: 'People',
        summary: 'Everybody who has signed in',
        answers: { 200: UserList },
      }),
      validate('query', UsersQuery),
      async (c) => c.json(await listUsers(c.get('ctx'), deps, c.req.valid('query')), 200),
    )
    .get(
      '/:user',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub' },
        operationId: 'getUser',
        tag: 'People',
        summary: 'One person',
        answers: { 200: User },
        problems: ['not-found'],
      }),
      validate('param', UserParam),
      async (c) => c.json(await getUser(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
}
