import { ApiTokenList, CreateApiToken, CreatedApiToken, IdText } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { createToken } from './create-token.ts'
import type { TokenDeps, TokenListDeps } from './deps.ts'
import { listTokens, listTokensOf } from './list-tokens.ts'
import { revokeToken, revokeTokenOf } from './revoke-token.ts'

const Id = IdText.min(1).max(64)

export const tokenOperations = [
  defineOperation({
    id: 'listTokens',
    tag: 'Session',
    summary: "The caller's API tokens",
    policy: 'browser-session',
    effect: 'read',
    tool: { none: "Sessions and tokens are the person's own to end." },
    output: ApiTokenList,
    http: { method: 'get', path: '/api/auth/tokens', status: 200 },
    run: (ctx, deps: TokenListDeps) => listTokens(ctx, deps),
  }),
  defineOperation({
    id: 'createToken',
    tag: 'Session',
    summary: 'Create an API token',
    description:
      'Its secret is in this answer and never shown again. A token can never do more than its ceiling, nor more than its owner. Its budget says how many calls a day it has, and how many GPUs its deployments may hold in sum.',
    policy: 'fresh-browser-session',
    effect: 'write',
    tool: { none: 'A credential that a model has read is no longer a secret.' },
    input: { body: CreateApiToken },
    output: CreatedApiToken,
    problems: ['too-many-tokens'],
    limit: 'tokens',
    http: { method: 'post', path: '/api/auth/tokens', status: 201 },
    run: (ctx, _deps, { body }) => createToken(ctx, body),
  }),
  defineOperation({
    id: 'revokeToken',
    tag: 'Session',
    summary: "Revoke one of the caller's API tokens",
    description: 'A token may revoke itself, and no other.',
    policy: 'browser-session',
    effect: 'destructive',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: z.object({ id: Id }) },
    output: null,
    problems: ['not-found'],
    isForModels: true,
    http: { method: 'delete', path: '/api/auth/tokens/:id', status: 204 },
    async run(ctx, { bearers }: TokenDeps, { path: { id } }) {
      await revokeToken(ctx, id)
      bearers.forget({ topic: 'token', subject: id })
    },
  }),
  defineOperation({
    id: 'listTokensOf',
    tag: 'People',
    summary: "A person's API tokens",
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: z.object({ id: Id }) },
    output: ApiTokenList,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/users/:id/tokens', status: 200 },
    run: (ctx, deps: TokenListDeps, { path }) => listTokensOf(ctx, deps, path.id),
  }),
  defineOperation({
    id: 'revokeTokenOf',
    tag: 'People',
    summary: "Revoke a person's API token",
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'destructive',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: z.object({ id: Id, token: Id }) },
    output: null,
    problems: ['not-found'],
    http: { method: 'delete', path: '/api/admin/users/:id/tokens/:token', status: 204 },
    async run(ctx, { bearers }: TokenDeps, { path: { id: userId, token: id } }) {
      await revokeTokenOf(ctx, { id, userId })
      bearers.forget({ topic: 'token', subject: id })
    },
  }),
] as const
