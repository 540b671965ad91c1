import { StreamEvent } from '@hub/shared'
import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { describeRoute } from '#http'
import { requireCaller } from '#rbac'
import { createStreams, type StreamDeps } from './open-stream.ts'

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // Proxies of the nginx family would hold events back.
  'x-accel-buffering': 'no',
}

/** Mounted at `/api`. */
export function streamRoutes(deps: StreamDeps) {
  const streams = createStreams(deps)
  return new Hono<HubEnv>().get(
    '/stream',
    describeRoute({
      policy: 'signed-in',
      operationId: 'openStream',
      tag: 'Deployments',
      summary: 'What changes, as it changes',
      description: 'Of what the caller may see. It ends with the session, and when access is lost.',
      answers: {
        200: {
          type: 'text/event-stream',
          description:
            'Server-sent events without end: `event` is the type, `data` the JSON of the rest.',
          items: StreamEvent,
        },
      },
      problems: ['csrf', 'too-many-streams'],
      reads: {
        header: { 'last-event-id': 'Where to go on; what was missed comes, or a `reset`.' },
      },
    }),
    (c) => {
      requireCaller(c.get('ctx').actor)
      if (c.req.method === 'HEAD') return c.body(null, 200, streamHeaders)
      const stream = streams.open(c.get('ctx'), c.req.header('last-event-id') ?? null)
      return c.body(stream, 200, streamHeaders)
    },
  )
}
