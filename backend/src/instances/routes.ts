import { InstanceId } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { getInstance } from './get-instance.ts'
import { listInstances, type InstanceDeps } from './list-instances.ts'
import { listNamespaces } from './list-namespaces.ts'
import { checkPreflight } from './preflight.ts'

const InstanceParam = z.object({ instance: InstanceId })

/** Mounted at `/api/instances`. */
export function instanceRoutes(deps: InstanceDeps & { rbacDirectory: string }) {
  return new Hono<HubEnv>()
    .get('/', (c) => c.json(listInstances(c.get('ctx'), deps), 200))
    .get('/:instance', validate('param', InstanceParam), (c) =>
      c.json(getInstance(c.get('ctx'), deps, c.req.valid('param').instance), 200),
    )
    .get('/:instance/namespaces', validate('param', InstanceParam), async (c) =>
      c.json(await listNamespaces(c.get('ctx'), deps, c.req.valid('param').instance), 200),
    )
    .get('/:instance/health', validate('param', InstanceParam), (c) => {
      const { id, ...instance } = getInstance(c.get('ctx'), deps, c.req.valid('param').instance)
      const { apiGroup, kubernetesVersion, runtimes, status } = instance
      return c.json({ instance: id, status, kubernetesVersion, apiGroup, runtimes }, 200)
    })
    .get('/:instance/capacity', validate('param', InstanceParam), (c) =>
      c.json(getInstance(c.get('ctx'), deps, c.req.valid('param').instance).capacity, 200),
    )
    .get('/:instance/preflight', validate('param', InstanceParam), async (c) =>
      c.json(await checkPreflight(c.get('ctx'), deps, c.req.valid('param').instance), 200),
    )
}
