import { InstanceId } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { listDeployments, type FleetDeps } from './list-deployments.ts'
import { openStream, type StreamDeps } from './open-stream.ts'

const DeploymentsQuery = z.strictObject({ instance: InstanceId.optional() })

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // Proxies of the nginx family would hold events back.
  'x-accel-buffering': 'no',
}

/** Mounted at `/api`. */
export function fleetRoutes(deps: FleetDeps & StreamDeps) {
  return new Hono<HubEnv>()
    .get('/deployments', validate('query', DeploymentsQuery), (c) =>
      c.json(listDeployments(c.var.ctx, deps, c.req.valid('query')), 200),
    )
    .get('/stream', (c) => {
      const stream = openStream(c.var.ctx, deps, c.req.header('last-event-id') ?? null)
      if (c.req.method !== 'HEAD') return c.body(stream, 200, streamHeaders)
      void stream.cancel()
      return c.body(null, 200, streamHeaders)
    })
}
