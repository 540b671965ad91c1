import { EffectiveAccessQuery, GrantInput, GroupMappingInput, PageQuery, UserId } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { createGrant } from './create-grant.ts'
import { createMapping } from './create-mapping.ts'
import { deleteGrant } from './delete-grant.ts'
import { deleteMapping } from './delete-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { explainAccess } from './explain-access.ts'
import { listGrants } from './list-grants.ts'
import { listMappings } from './list-mappings.ts'
import { listServicePrincipals } from './list-service-principals.ts'
import { updateMapping } from './update-mapping.ts'

const MappingParam = z.object({ id: z.uuid() })
const UserParam = z.object({ user: UserId })
const ServiceParam = z.object({ service: z.uuid() })
/** Configured grants have ids of their own kind. */
const grantId = { grant: z.string().min(1).max(1000) }

/** Mounted at `/api/admin/users`. */
export function userGrantRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get('/:user/roles', validate('param', UserParam), async (c) => {
      const { user: userId } = c.req.valid('param')
      return c.json(await listGrants(c.get('ctx'), deps, { userId }), 200)
    })
    .post('/:user/roles', validate('param', UserParam), validate('json', GrantInput), async (c) => {
      const { user: userId } = c.req.valid('param')
      const grant = await createGrant(c.get('ctx'), deps, { userId }, c.req.valid('json'))
      return c.json(grant, 201)
    })
    .delete('/:user/roles/:grant', validate('param', UserParam.extend(grantId)), async (c) => {
      const { grant, user: userId } = c.req.valid('param')
      await deleteGrant(c.get('ctx'), deps, { userId }, grant)
      return c.body(null, 204)
    })
}

/** Mounted at `/api/admin/service-principals`. */
export function servicePrincipalRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get('/', validate('query', PageQuery), async (c) =>
      c.json(await listServicePrincipals(c.get('ctx'), c.req.valid('query')), 200),
    )
    .get('/:service/roles', validate('param', ServiceParam), async (c) => {
      const { service: servicePrincipalId } = c.req.valid('param')
      return c.json(await listGrants(c.get('ctx'), deps, { servicePrincipalId }), 200)
    })
    .post(
      '/:service/roles',
      validate('param', ServiceParam),
      validate('json', GrantInput),
      async (c) => {
        const { service: servicePrincipalId } = c.req.valid('param')
        const grantee = { servicePrincipalId }
        return c.json(await createGrant(c.get('ctx'), deps, grantee, c.req.valid('json')), 201)
      },
    )
    .delete(
      '/:service/roles/:grant',
      validate('param', ServiceParam.extend(grantId)),
      async (c) => {
        const { grant, service: servicePrincipalId } = c.req.valid('param')
        await deleteGrant(c.get('ctx'), deps, { servicePrincipalId }, grant)
        return c.body(null, 204)
      },
    )
}

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

/** Mounted at `/api/admin/effective-access`. */
export function effectiveAccessRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>().get('/', validate('query', EffectiveAccessQuery), async (c) =>
    c.json(await explainAccess(c.get('ctx'), deps, c.req.valid('query')), 200),
  )
}
