import { PageQuery, ServicePrincipal, ServicePrincipalList } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { getServicePrincipal, listServicePrincipals } from './list-service-principals.ts'

export const servicePrincipalOperations = [
  defineOperation({
    id: 'listServicePrincipals',
    tag: 'Access',
    summary: 'The programs that have presented a token',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { query: PageQuery },
    output: ServicePrincipalList,
    http: { method: 'get', path: '/api/admin/service-principals', status: 200 },
    run: (ctx, _deps, { query }) => listServicePrincipals(ctx, query),
  }),
  defineOperation({
    id: 'getServicePrincipal',
    tag: 'Access',
    summary: 'One program',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: z.object({ service: z.uuid() }) },
    output: ServicePrincipal,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/service-principals/:service', status: 200 },
    run: (ctx, _deps, { path }) => getServicePrincipal(ctx, path.service),
  }),
] as const
