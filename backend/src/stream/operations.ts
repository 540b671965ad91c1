import { StreamEvent } from '@hub/shared'
import * as z from 'zod'
import { eventStream } from '#event-stream'
import { defineOperation } from '#operation'
import { requireCaller } from '#rbac'
import type { Streams } from './open-stream.ts'

const type = eventStream

export const streamOperations = [
  defineOperation({
    id: 'openStream',
    tag: 'Deployments',
    summary: 'What changes, as it changes',
    description:
      'Everything that the caller may see. The stream ends with the session, and when access is lost.',
    policy: 'signed-in',
    effect: 'read',
    tool: { none: 'Subscriptions of resources tell of changes.' },
    use: 'background',
    input: {
      header: z.object({
        'last-event-id': z
          .string()
          .optional()
          .describe('Where to continue; what was missed follows, or a `reset`.'),
      }),
      query: z.object({
        since: z
          .string()
          .optional()
          .describe(
            'Where to begin, as the `Stream-Position` of `GET /api/auth/me` said; for a reader that comes back, `Last-Event-ID` counts.',
          ),
      }),
    },
    output: {
      stream: {
        type,
        description:
          'Server-sent events without end: `event` is the type, `data` the JSON of the rest.',
        items: StreamEvent,
      },
      isEndless: true,
    },
    problems: ['csrf', 'too-many-streams'],
    http: { method: 'get', path: '/api/stream', status: 200 },
    run(ctx, { streams }: { streams: Streams }, { header, query }) {
      requireCaller(ctx.actor)
      return { type, body: streams.open(ctx, header['last-event-id'] ?? query.since ?? null) }
    },
  }),
] as const
