import { InstanceId } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { getInstance } from './get-instance.ts'
import { listInstances, type InstanceDeps } from './list-instances.ts'
import { listNamespaces } from './list-namespaces.ts'

const InstanceParam = z.object({ instance: InstanceId })

/** Mounted at `/api/instances`. */
export function instanceRoutes(deps: InstanceDeps) {
  return new Hono<HubEnv>()
    .get('/', (c) => c.json(listInstances(c.var.ctx, deps), 200))
    .get('/:instance', validate('param', InstanceParam), (c) =>
      c.json(getInstance(c.var.ctx, deps, c.req.valid('param').instance), 200),
    )
    .get('/:instance/namespaces', validate('param', InstanceParam), (c) =>
      c.json(listNamespaces(c.var.ctx, deps, c.req.valid('param').instance), 200),
    )
}
