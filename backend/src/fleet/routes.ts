import { DeploymentList, DeploymentsQuery, StreamEvent } from '@hub/shared'
import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { answerJson, describeRoute, validate } from '#http'
import { requireCaller } from '#rbac'
import { createDeploymentList, type FleetDeps } from './list-deployments.ts'
import { createStreams, type StreamDeps } from './open-stream.ts'

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // Proxies of the nginx family would hold events back.
  'x-accel-buffering': 'no',
}

/** Mounted at `/api`. */
export function fleetRoutes(deps: FleetDeps & StreamDeps) {
  const listDeployments = createDeploymentList(deps)
  const streams = createStreams(deps)
  return new Hono<HubEnv>()
    .get(
      '/deployments',
      describeRoute({
        policy: 'signed-in',
        operationId: 'listDeployments',
        tag: 'Deployments',
        summary: 'Deployments of all instances',
        description: 'Those that the caller may see, with an `ETag`.',
        answers: { 200: DeploymentList, 304: null },
      }),
      validate('query', DeploymentsQuery),
      (c) => answerJson(c, listDeployments(c.get('ctx'), c.req.valid('query'))),
    )
    .get(
      '/stream',
      describeRoute({
        policy: 'signed-in',
        operationId: 'openStream',
        tag: 'Deployments',
        summary: 'What changes, as it changes',
        description:
          'Of what the caller may see. It ends with the session, and when access is lost.',
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
