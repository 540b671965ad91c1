import {
  AccessRequest,
  AccessRequestInput,
  AccessRequestList,
  AccessRequestOfUser,
  AccessRequestPage,
  AccessRequestsQuery,
  ApproveAccessRequest,
  RefuseAccessRequest,
} from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import type { AccessDeps } from '../deps.ts'
import { createRequest } from './create-request.ts'
import { approveRequest, refuseRequest } from './decide-request.ts'
import { listOwnRequests, listRequests } from './list-requests.ts'
import { withdrawRequest } from './withdraw-request.ts'

const RequestPath = z.object({ id: z.uuid() })

export const requestOperations = [
  defineOperation({
    id: 'listOwnRequests',
    tag: 'Access',
    summary: 'What the caller has asked for',
    policy: 'person',
    effect: 'read',
    tool: { none: 'who_am_i names what the caller may; requests are answered by people.' },
    output: AccessRequestList,
    http: { method: 'get', path: '/api/access-requests', status: 200 },
    run: (ctx) => listOwnRequests(ctx),
  }),
  defineOperation({
    id: 'createRequest',
    tag: 'Access',
    summary: 'Ask for a role',
    description:
      'For a while, with a reason. The answer is the same whether or not there is such an instance.',
    policy: 'person',
    effect: 'write',
    tool: {
      name: 'request_access',
      description:
        'Asks an administrator for a role on an instance, for a while and with a reason. For people, not for programs.',
    },
    input: { body: AccessRequestInput },
    output: AccessRequest,
    problems: ['conflict'],
    http: { method: 'post', path: '/api/access-requests', status: 201 },
    run: (ctx, deps: AccessDeps, { body }) => createRequest(ctx, deps, body),
  }),
  defineOperation({
    id: 'withdrawRequest',
    tag: 'Access',
    summary: 'Take a request back',
    description: 'Only while it is waiting.',
    policy: 'person',
    effect: 'destructive',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: RequestPath },
    output: null,
    problems: ['not-found', 'conflict'],
    http: { method: 'delete', path: '/api/access-requests/:id', status: 204 },
    run: (ctx, _deps, { path }) => withdrawRequest(ctx, path.id),
  }),
  defineOperation({
    id: 'listRequests',
    tag: 'Access',
    summary: 'Requests for roles',
    description: 'Those waiting, oldest first, or those decided, latest first.',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { query: AccessRequestsQuery },
    output: AccessRequestPage,
    http: { method: 'get', path: '/api/admin/access-requests', status: 200 },
    run: (ctx, deps: AccessDeps, { query }) => listRequests(ctx, deps, query),
  }),
  defineOperation({
    id: 'approveRequest',
    tag: 'Access',
    summary: 'Give what was asked for',
    description:
      'From now on, for the requested time or less. Nobody can decide their own request.',
    policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: RequestPath, body: ApproveAccessRequest },
    output: AccessRequestOfUser,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/access-requests/:id/approve', status: 200 },
    run: (ctx, deps: AccessDeps, { path, body }) => approveRequest(ctx, deps, path.id, body),
  }),
  defineOperation({
    id: 'refuseRequest',
    tag: 'Access',
    summary: 'Refuse a request',
    policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: RequestPath, body: RefuseAccessRequest },
    output: AccessRequestOfUser,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/access-requests/:id/refuse', status: 200 },
    run: (ctx, deps: AccessDeps, { path, body }) => refuseRequest(ctx, deps, path.id, body),
  }),
] as const
