import { LinkIdentityInput, UserId, UsersQuery } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { disableUser, enableUser } from './disable-user.ts'
import { linkIdentity, unlinkIdentity, type LinkDeps } from './link-identity.ts'
import { getUser, listUsers } from './list-users.ts'

const UserParam = z.object({ user: UserId })
const IdentityParam = UserParam.extend({ identity: z.uuid() })

/** Mounted at `/api/admin/users`. */
export function userRoutes(deps: LinkDeps) {
  return new Hono<HubEnv>()
    .get('/', validate('query', UsersQuery), async (c) =>
      c.json(await listUsers(c.get('ctx'), deps, c.req.valid('query')), 200),
    )
    .get('/:user', validate('param', UserParam), async (c) =>
      c.json(await getUser(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
    .post('/:user/disable', validate('param', UserParam), async (c) =>
      c.json(await disableUser(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
    .post('/:user/enable', validate('param', UserParam), async (c) =>
      c.json(await enableUser(c.get('ctx'), deps, c.req.valid('param').user), 200),
    )
    .post(
      '/:user/identities',
      validate('param', UserParam),
      validate('json', LinkIdentityInput),
      async (c) => {
        const { user: userId } = c.req.valid('param')
        const input = { userId, ...c.req.valid('json') }
        return c.json(await linkIdentity(c.get('ctx'), deps, input), 200)
      },
    )
    .delete('/:user/identities/:identity', validate('param', IdentityParam), async (c) => {
      const { identity: identityId, user: userId } = c.req.valid('param')
      return c.json(await unlinkIdentity(c.get('ctx'), deps, { userId, identityId }), 200)
    })
}
