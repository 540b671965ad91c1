import {
  AccessRequestInput,
  AccessRequestsQuery,
  ApproveAccessRequest,
  KnownGroupsQuery,
  RefuseAccessRequest,
} from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import type { AccessDeps } from './deps.ts'
import { listKnownGroups } from './list-known-groups.ts'
import { createRequest } from './requests/create-request.ts'
import { approveRequest, refuseRequest } from './requests/decide-request.ts'
import { listOwnRequests, listRequests } from './requests/list-requests.ts'
import { withdrawRequest } from './requests/withdraw-request.ts'

const RequestParam = z.object({ id: z.uuid() })

/** Mounted at `/api/access-requests`. */
export function ownRequestRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get('/', async (c) => c.json(await listOwnRequests(c.get('ctx')), 200))
    .post('/', validate('json', AccessRequestInput), async (c) =>
      c.json(await createRequest(c.get('ctx'), deps, c.req.valid('json')), 201),
    )
    .delete('/:id', validate('param', RequestParam), async (c) => {
      await withdrawRequest(c.get('ctx'), c.req.valid('param').id)
      return c.body(null, 204)
    })
}

/** Mounted at `/api/admin/access-requests`. */
export function requestRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get('/', validate('query', AccessRequestsQuery), async (c) =>
      c.json(await listRequests(c.get('ctx'), deps, c.req.valid('query')), 200),
    )
    .post(
      '/:id/approve',
      validate('param', RequestParam),
      validate('json', ApproveAccessRequest),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json(await approveRequest(c.get('ctx'), deps, id, c.req.valid('json')), 200)
      },
    )
    .post(
      '/:id/refuse',
      validate('param', RequestParam),
      validate('json', RefuseAccessRequest),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json(await refuseRequest(c.get('ctx'), deps, id, c.req.valid('json')), 200)
      },
    )
}

/** Mounted at `/api/admin/groups`. */
export function groupRoutes() {
  return new Hono<HubEnv>().get('/', validate('query', KnownGroupsQuery), async (c) =>
    c.json(await listKnownGroups(c.get('ctx'), c.req.valid('query')), 200),
  )
}
