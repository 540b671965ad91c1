import { GroupMappingInput, PageQuery } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { createMapping } from './create-mapping.ts'
import { deleteMapping } from './delete-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { listMappings } from './list-mappings.ts'
import { updateMapping } from './update-mapping.ts'

const MappingParam = z.object({ id: z.uuid() })

/** Mounted at `/api/admin/group-mappings`. */
export function groupMappingRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get('/', validate('query', PageQuery), async (c) =>
      c.json(await listMappings(c.get('ctx'), c.req.valid('query')), 200),
    )
    .post('/', validate('json', GroupMappingInput), async (c) =>
      c.json(await createMapping(c.get('ctx'), deps, c.req.valid('json')), 201),
    )
    .put('/:id', validate('param', MappingParam), validate('json', GroupMappingInput), async (c) =>
      c.json(
        await updateMapping(c.get('ctx'), deps, c.req.valid('param').id, c.req.valid('json')),
        200,
      ),
    )
    .delete('/:id', validate('param', MappingParam), async (c) => {
      await deleteMapping(c.get('ctx'), deps, c.req.valid('param').id)
      return c.body(null, 204)
    })
}
