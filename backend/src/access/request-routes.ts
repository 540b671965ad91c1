import {
  AccessRequest,
  AccessRequestInput,
  AccessRequestList,
  AccessRequestOfUser,
  AccessRequestPage,
  AccessRequestsQuery,
  ApproveAccessRequest,
  KnownGroupList,
  KnownGroupsQuery,
  RefuseAccessRequest,
} from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
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
    .get(
      '/',
      describeRoute({
        policy: 'person',
        operationId: 'listOwnRequests',
        tag: 'Access',
        summary: 'What the caller has asked for',
        answers: { 200: AccessRequestList },
      }),
      async (c) => c.json(await listOwnRequests(c.get('ctx')), 200),
    )
    .post(
      '/',
      describeRoute({
        policy: 'person',
        operationId: 'createRequest',
        tag: 'Access',
        summary: 'Ask for a role',
        description:
          'For some time, and why. The answer is the same whether or not there is such an instance.',
        answers: { 201: AccessRequest },
        problems: ['conflict'],
      }),
      validate('json', AccessRequestInput),
      async (c) => c.json(await createRequest(c.get('ctx'), deps, c.req.valid('json')), 201),
    )
    .delete(
      '/:id',
      describeRoute({
        policy: 'person',
        operationId: 'withdrawRequest',
        tag: 'Access',
        summary: 'Take a request back',
        description: 'While it waits.',
        answers: { 204: null },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', RequestParam),
      async (c) => {
        await withdrawRequest(c.get('ctx'), c.req.valid('param').id)
        return c.body(null, 204)
      },
    )
}

/** Mounted at `/api/admin/access-requests`. */
export function requestRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get(
      '/',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub' },
        operationId: 'listRequests',
        tag: 'Access',
        summary: 'Requests for roles',
        description: 'Those that wait, the oldest first, or those decided, the latest first.',
        answers: { 200: AccessRequestPage },
      }),
      validate('query', AccessRequestsQuery),
      async (c) => c.json(await listRequests(c.get('ctx'), deps, c.req.valid('query')), 200),
    )
    .post(
      '/:id/approve',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
        operationId: 'approveRequest',
        tag: 'Access',
        summary: 'Give what was asked for',
        description: 'From now on, for that time or a shorter one. Nobody decides on their own.',
        answers: { 200: AccessRequestOfUser },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', RequestParam),
      validate('json', ApproveAccessRequest),
      async (c) => {
        const { id } = c.req.valid('param')
        return c.json(await approveRequest(c.get('ctx'), deps, id, c.req.valid('json')), 200)
      },
    )
    .post(
      '/:id/refuse',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
        operationId: 'refuseRequest',
        tag: 'Access',
        summary: 'Refuse a request',
        answers: { 200: AccessRequestOfUser },
        problems: ['not-found', 'conflict'],
      }),
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
  return new Hono<HubEnv>().get(
    '/',
    describeRoute({
      policy: { permission: 'group-mapping.manage', scope: 'hub' },
      operationId: 'listKnownGroups',
      tag: 'Access',
      summary: 'The groups that people are in',
      description: 'As far as somebody who signed in is in one; most people first.',
      answers: { 200: KnownGroupList },
    }),
    validate('query', KnownGroupsQuery),
    async (c) => c.json(await listKnownGroups(c.get('ctx'), c.req.valid('query')), 200),
  )
}
