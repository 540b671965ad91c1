import { KnownCaller, Me, ProviderList } from '@hub/shared'
import { defineOperation } from '#operation'
import { requireCaller, requireUser } from '#rbac'
import type { SignInDeps } from './deps.ts'
import { presentCaller, presentMe } from './present.ts'

export const signInOperations = [
  defineOperation({
    id: 'listProviders',
    tag: 'Session',
    summary: 'The identity providers to sign in with',
    policy: 'public',
    effect: 'read',
    tool: { none: 'For pages that sign people in.' },
    output: ProviderList,
    isOpenLocally: true,
    http: { method: 'get', path: '/api/auth/providers', status: 200 },
    run: (_ctx, deps: SignInDeps) => ({
      items: deps.providers.map(({ id, name }) => ({ id, name })),
      isLocal: deps.local !== null,
      agentIssuer: deps.config.mcp.issuer,
    }),
  }),
  defineOperation({
    id: 'getMe',
    tag: 'Session',
    summary: 'Who is signed in, and what they hold',
    policy: 'person',
    effect: 'read',
    tool: { none: 'who_am_i says it, to programs as well.' },
    output: Me,
    tellsPosition: true,
    http: { method: 'get', path: '/api/auth/me', status: 200 },
    run: async (ctx, deps: SignInDeps) =>
      presentMe(ctx, requireUser(ctx.actor), await deps.setup.isAwaited(ctx)),
  }),
  defineOperation({
    id: 'getCaller',
    tag: 'Session',
    summary: 'Who asks, and what they hold',
    description: 'A person or a program, with the roles that what they showed leaves them.',
    policy: 'signed-in',
    effect: 'read',
    tool: {
      name: 'who_am_i',
      description: 'Who the caller is to the hub, a person or a program, and their roles.',
    },
    output: KnownCaller,
    http: { method: 'get', path: '/api/auth/caller', status: 200 },
    run: (ctx) => presentCaller(requireCaller(ctx.actor)),
  }),
] as const
