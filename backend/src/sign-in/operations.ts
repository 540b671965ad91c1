import { Me, ProviderList } from '@hub/shared'
import { defineOperation } from '#operation'
import { requireUser } from '#rbac'
import type { SignInDeps } from './deps.ts'
import { presentMe } from './present.ts'

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
    }),
  }),
  defineOperation({
    id: 'getMe',
    tag: 'Session',
    summary: 'Who is signed in, and what they hold',
    policy: 'person',
    effect: 'read',
    tool: {
      name: 'who_am_i',
      description: 'Who the caller is to the hub, and their roles.',
    },
    output: Me,
    http: { method: 'get', path: '/api/auth/me', status: 200 },
    run: async (ctx, deps: SignInDeps) =>
      presentMe(ctx, requireUser(ctx.actor), await deps.setup.isAwaited(ctx)),
  }),
] as const
