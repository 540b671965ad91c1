import { DeploymentsQuery } from '@hub/shared'
import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { answerJson, validate } from '#http'
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
    .get('/deployments', validate('query', DeploymentsQuery), (c) =>
      answerJson(c, listDeployments(c.get('ctx'), c.req.valid('query'))),
    )
    .get('/stream', (c) => {
      requireCaller(c.get('ctx').actor)
      if (c.req.method === 'HEAD') return c.body(null, 200, streamHeaders)
      const stream = streams.open(c.get('ctx'), c.req.header('last-event-id') ?? null)
      return c.body(stream, 200, streamHeaders)
    })
}
