import { Setup } from '@hub/shared'
import { defineOperation } from '#operation'
import type { SetupDeps } from './deps.ts'

export const setupOperations = [
  defineOperation({
    id: 'finishSetup',
    tag: 'Session',
    summary: 'Become the first administrator',
    description: "With the one-time code from the hub's log, while nobody administers the hub.",
    policy: 'browser-session',
    effect: 'write',
    tool: { none: 'For the first administrator.' },
    input: { body: Setup },
    output: null,
    problems: ['setup-refused', 'conflict'],
    limit: 'setup',
    http: { method: 'post', path: '/api/auth/setup', status: 204 },
    async run(ctx, deps: SetupDeps, { body }) {
      await deps.setup.finish(ctx, body.code)
      if (ctx.actor.type === 'user' && ctx.actor.credential.type === 'session') {
        deps.sessionCache.drop(ctx.actor.credential.id)
      }
    },
  }),
] as const
