import { CreateApiToken } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { requireUser } from '#rbac'
import type { AuthDeps } from './deps.ts'
import { createToken } from './tokens/create-token.ts'
import { listTokens, listTokensOf } from './tokens/list-tokens.ts'
import { revokeToken, revokeTokenOf } from './tokens/revoke-token.ts'

const Id = z.string().min(1).max(64)
const TokenParam = z.object({ id: Id })
const UserParam = z.object({ id: Id })
const UserTokenParam = z.object({ id: Id, token: Id })

/** Mounted at `/api/auth/tokens`. */
export function tokenRoutes({ bearers }: Pick<AuthDeps, 'bearers'>) {
  return new Hono<HubEnv>()
    .use((c, next) => {
      requireUser(c.get('ctx').actor)
      return next()
    })
    .get('/', async (c) => c.json(await listTokens(c.get('ctx')), 200))
    .post('/', validate('json', CreateApiToken), async (c) =>
      c.json(await createToken(c.get('ctx'), c.req.valid('json')), 201),
    )
    .delete('/:id', validate('param', TokenParam), async (c) => {
      const { id } = c.req.valid('param')
      await revokeToken(c.get('ctx'), id)
      bearers.forget({ topic: 'token', subject: id })
      return c.body(null, 204)
    })
}

/** Mounted at `/api/admin/users`. */
export function userTokenRoutes({ bearers }: Pick<AuthDeps, 'bearers'>) {
  return new Hono<HubEnv>()
    .get('/:id/tokens', validate('param', UserParam), async (c) =>
      c.json(await listTokensOf(c.get('ctx'), c.req.valid('param').id), 200),
    )
    .delete('/:id/tokens/:token', validate('param', UserTokenParam), async (c) => {
      const { id: userId, token: id } = c.req.valid('param')
      await revokeTokenOf(c.get('ctx'), { id, userId })
      bearers.forget({ topic: 'token', subject: id })
      return c.body(null, 204)
    })
}
