import {
  EffectiveAccess,
  EffectiveAccessQuery,
  GrantInput,
  GrantOrigin,
  GrantOriginList,
  IdText,
  OutsideProviderList,
  UserId,
} from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { authorize, hubWide } from '#rbac'
import { createGrant } from './create-grant.ts'
import { deleteGrant } from './delete-grant.ts'
import type { AccessDeps } from './deps.ts'
import { explainAccess } from './explain-access.ts'
import { listGrants } from './list-grants.ts'

const UserPath = z.object({ user: UserId })
const ServicePath = z.object({ service: z.uuid() })
/** Configured grants have ids of their own kind. */
const grantId = { grant: IdText.min(1).max(1000) }

export const grantOperations = [
  defineOperation({
    id: 'listOutsideProviders',
    tag: 'Access',
    summary: 'Providers of models outside',
    description: 'A role on one of them names it where others name an instance.',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: {},
    output: OutsideProviderList,
    http: { method: 'get', path: '/api/admin/outside-providers', status: 200 },
    run: (ctx, { configured }: AccessDeps) => {
      authorize(ctx, 'grant.manage', hubWide)
      return { items: configured.outsideProviders().map(({ id }) => ({ id })) }
    },
  }),
  defineOperation({
    id: 'listGrants',
    tag: 'Access',
    summary: 'The roles of a person',
    description: 'Given by hand, through groups, on request and by the configuration.',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: UserPath },
    output: GrantOriginList,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/users/:user/roles', status: 200 },
    run: (ctx, deps: AccessDeps, { path }) => listGrants(ctx, deps, { userId: path.user }),
  }),
  defineOperation({
    id: 'createGrant',
    tag: 'Access',
    summary: 'Give a person a role',
    description:
      'On one instance or all, in some namespaces or all, for good or until a given time. Nobody can give themselves roles.',
    policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: UserPath, body: GrantInput },
    output: GrantOrigin,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/users/:user/roles', status: 201 },
    run: (ctx, deps: AccessDeps, { path, body }) =>
      createGrant(ctx, deps, { userId: path.user }, body),
  }),
  defineOperation({
    id: 'deleteGrant',
    tag: 'Access',
    summary: 'Take a role back',
    description:
      'Only one that was given by hand or on request. The last administrator cannot be removed.',
    policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
    effect: 'destructive',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: UserPath.extend(grantId) },
    output: null,
    problems: ['not-found', 'conflict'],
    http: { method: 'delete', path: '/api/admin/users/:user/roles/:grant', status: 204 },
    run: (ctx, deps: AccessDeps, { path }) =>
      deleteGrant(ctx, deps, { userId: path.user }, path.grant),
  }),
  defineOperation({
    id: 'listGrantsOfService',
    tag: 'Access',
    summary: 'The roles of a program',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: ServicePath },
    output: GrantOriginList,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/service-principals/:service/roles', status: 200 },
    run: (ctx, deps: AccessDeps, { path }) =>
      listGrants(ctx, deps, { servicePrincipalId: path.service }),
  }),
  defineOperation({
    id: 'createGrantOfService',
    tag: 'Access',
    summary: 'Give a program a role',
    policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: ServicePath, body: GrantInput },
    output: GrantOrigin,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/service-principals/:service/roles', status: 201 },
    run: (ctx, deps: AccessDeps, { path, body }) =>
      createGrant(ctx, deps, { servicePrincipalId: path.service }, body),
  }),
  defineOperation({
    id: 'deleteGrantOfService',
    tag: 'Access',
    summary: 'Take a role back from a program',
    policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
    effect: 'destructive',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: ServicePath.extend(grantId) },
    output: null,
    problems: ['not-found', 'conflict'],
    http: {
      method: 'delete',
      path: '/api/admin/service-principals/:service/roles/:grant',
      status: 204,
    },
    run: (ctx, deps: AccessDeps, { path }) =>
      deleteGrant(ctx, deps, { servicePrincipalId: path.service }, path.grant),
  }),
  defineOperation({
    id: 'explainAccess',
    tag: 'Access',
    summary: 'What a person may do somewhere, and why',
    description:
      'Which grant, mapping or configuration allows it, and why the others do not count there.',
    policy: { permission: 'grant.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { query: EffectiveAccessQuery },
    output: EffectiveAccess,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/effective-access', status: 200 },
    run: (ctx, deps: AccessDeps, { query }) => explainAccess(ctx, deps, query),
  }),
] as const
