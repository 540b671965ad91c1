import { ApiTokenList, CreateApiToken, CreatedApiToken, IdText } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import { requireUser } from '#rbac'
import { createToken } from './create-token.ts'
import type { TokenDeps } from './deps.ts'
import { listTokens, listTokensOf } from './list-tokens.ts'
import { revokeToken, revokeTokenOf } from './revoke-token.ts'

const Id = IdText.min(1).max(64)
const TokenParam = z.object({ id: Id })
const UserParam = z.object({ id: Id })
const UserTokenParam = z.object({ id: Id, token: Id })

/** Mounted at `/api/auth/tokens`. */
export function tokenRoutes({ bearers }: TokenDeps) {
  return new Hono<HubEnv>()
    .use((c, next) => {
      requireUser(c.get('ctx').actor)
      return next()
    })
    .get(
      '/',
      describeRoute({
        policy: 'browser-session',
        operationId: 'listTokens',
        tag: 'Session',
        summary: 'Own API tokens',
        answers: { 200: ApiTokenList },
      }),
      async (c) => c.json(await listTokens(c.get('ctx')), 200),
    )
    .post(
      '/',
      describeRoute({
        policy: 'fresh-browser-session',
        operationId: 'createToken',
        tag: 'Session',
        summary: 'Make an API token',
        description:
          'Its secret is in this answer, and nowhere again. A token never does more than its ceiling, nor than its owner.',
        answers: { 201: CreatedApiToken },
        problems: ['too-many-tokens'],
      }),
      validate('json', CreateApiToken),
      async (c) => c.json(await createToken(c.get('ctx'), c.req.valid('json')), 201),
    )
    .delete(
      '/:id',
      describeRoute({
        policy: 'browser-session',
        operationId: 'revokeToken',
        tag: 'Session',
        summary: 'Revoke an own API token',
        description: 'A token may revoke itself, and no other.',
        answers: { 204: null },
        problems: ['not-found'],
      }),
      validate('param', TokenParam),
      async (c) => {
        const { id } = c.req.valid('param')
        await revokeToken(c.get('ctx'), id)
        bearers.forget({ topic: 'token', subject: id })
        return c.body(null, 204)
      },
    )
}

/** Mounted at `/api/admin/users`. */
export function userTokenRoutes({ bearers }: TokenDeps) {
  return new Hono<HubEnv>()
    .get(
      '/:id/tokens',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub' },
        operationId: 'listTokensOf',
        tag: 'People',
        summary: "A person's API tokens",
        answers: { 200: ApiTokenList },
        problems: ['not-found'],
      }),
      validate('param', UserParam),
      async (c) => c.json(await listTokensOf(c.get('ctx'), c.req.valid('param').id), 200),
    )
    .delete(
      '/:id/tokens/:token',
      describeRoute({
        policy: { permission: 'user.manage', scope: 'hub' },
        operationId: 'revokeTokenOf',
        tag: 'People',
        summary: "Revoke a person's API token",
        answers: { 204: null },
        problems: ['not-found'],
      }),
      validate('param', UserTokenParam),
      async (c) => {
        const { id: userId, token: id } = c.req.valid('param')
        await revokeTokenOf(c.get('ctx'), { id, userId })
        bearers.forget({ topic: 'token', subject: id })
        return c.body(null, 204)
      },
    )
}
