import { DeploymentsQuery } from '@hub/shared'
import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { answerJson, validate } from '#http'
import { createDeploymentList, type FleetDeps } from './list-deployments.ts'
import { openStream, type StreamDeps } from './open-stream.ts'

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // Proxies of the nginx family would hold events back.
  'x-accel-buffering': 'no',
}

/** Mounted at `/api`. */
export function fleetRoutes(deps: FleetDeps & StreamDeps) {
  const listDeployments = createDeploymentList(deps)
  return new Hono<HubEnv>()
    .get('/deployments', validate('query', DeploymentsQuery), (c) =>
      answerJson(c, listDeployments(c.var.ctx, c.req.valid('query'))),
    )
    .get('/stream', (c) => {
      const stream = openStream(c.var.ctx, deps, c.req.header('last-event-id') ?? null)
      if (c.req.method !== 'HEAD') return c.body(stream, 200, streamHeaders)
      void stream.cancel()
      return c.body(null, 200, streamHeaders)
    })
}
