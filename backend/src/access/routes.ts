import {
  EffectiveAccess,
  EffectiveAccessQuery,
  GrantInput,
  GrantOrigin,
  GrantOriginList,
  GroupMapping,
  GroupMappingInput,
  GroupMappingList,
  IdText,
  PageQuery,
  ServicePrincipal,
  ServicePrincipalList,
  UserId,
} from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import { createGrant } from './create-grant.ts'
import { createMapping } from './create-mapping.ts'
import { deleteGrant } from './delete-grant.ts'
import { deleteMapping } from './delete-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { explainAccess } from './explain-access.ts'
import { listGrants } from './list-grants.ts'
import { listMappings } from './list-mappings.ts'
import {
  getServicePrincipal,
  listServicePrincipals,
} from './service-principals/list-service-principals.ts'
import { updateMapping } from './update-mapping.ts'

const MappingParam = z.object({ id: z.uuid() })
const UserParam = z.object({ user: UserId })
const ServiceParam = z.object({ service: z.uuid() })
/** Configured grants have ids of their own kind. */
const grantId = { grant: IdText.min(1).max(1000) }

/** Mounted at `/api/admin/users`. */
export function userGrantRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get(
      '/:user/roles',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub' },
        operationId: 'listGrants',
        tag: 'Access',
        summary: 'The roles of a person',
        description: 'By hand, by groups, by request and by the configuration.',
        answers: { 200: GrantOriginList },
        problems: ['not-found'],
      }),
      validate('param', UserParam),
      async (c) => {
        const { user: userId } = c.req.valid('param')
        return c.json(await listGrants(c.get('ctx'), deps, { userId }), 200)
      },
    )
    .post(
      '/:user/roles',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
        operationId: 'createGrant',
        tag: 'Access',
        summary: 'Give a person a role',
        description:
          'On one instance or all, in some namespaces or all, for good or until a moment. Nobody grants themselves.',
        answers: { 201: GrantOrigin },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', UserParam),
      validate('json', GrantInput),
      async (c) => {
        const { user: userId } = c.req.valid('param')
        const grant = await createGrant(c.get('ctx'), deps, { userId }, c.req.valid('json'))
        return c.json(grant, 201)
      },
    )
    .delete(
      '/:user/roles/:grant',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
        operationId: 'deleteGrant',
        tag: 'Access',
        summary: 'Take a role back',
        description: 'One that was given by hand or on request. The last administrator stays.',
        answers: { 204: null },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', UserParam.extend(grantId)),
      async (c) => {
        const { grant, user: userId } = c.req.valid('param')
        await deleteGrant(c.get('ctx'), deps, { userId }, grant)
        return c.body(null, 204)
      },
    )
}

/** Mounted at `/api/admin/service-principals`. */
export function servicePrincipalRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>()
    .get(
      '/',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub' },
        operationId: 'listServicePrincipals',
        tag: 'Access',
        summary: 'The programs that have presented a token',
        answers: { 200: ServicePrincipalList },
      }),
      validate('query', PageQuery),
      async (c) => c.json(await listServicePrincipals(c.get('ctx'), c.req.valid('query')), 200),
    )
    .get(
      '/:service',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub' },
        operationId: 'getServicePrincipal',
        tag: 'Access',
        summary: 'One program',
        answers: { 200: ServicePrincipal },
        problems: ['not-found'],
      }),
      validate('param', ServiceParam),
      async (c) =>
        c.json(await getServicePrincipal(c.get('ctx'), c.req.valid('param').service), 200),
    )
    .get(
      '/:service/roles',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub' },
        operationId: 'listGrantsOfService',
        tag: 'Access',
        summary: 'The roles of a program',
        answers: { 200: GrantOriginList },
        problems: ['not-found'],
      }),
      validate('param', ServiceParam),
      async (c) => {
        const { service: servicePrincipalId } = c.req.valid('param')
        return c.json(await listGrants(c.get('ctx'), deps, { servicePrincipalId }), 200)
      },
    )
    .post(
      '/:service/roles',
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
        operationId: 'createGrantOfService',
        tag: 'Access',
        summary: 'Give a program a role',
        answers: { 201: GrantOrigin },
        problems: ['not-found', 'conflict'],
      }),
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
      describeRoute({
        policy: { permission: 'grant.manage', scope: 'hub', isFresh: true },
        operationId: 'deleteGrantOfService',
        tag: 'Access',
        summary: 'Take a role back from a program',
        answers: { 204: null },
        problems: ['not-found', 'conflict'],
      }),
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
    .get(
      '/',
      describeRoute({
        policy: { permission: 'group-mapping.manage', scope: 'hub' },
        operationId: 'listMappings',
        tag: 'Access',
        summary: 'The group mappings',
        answers: { 200: GroupMappingList },
      }),
      validate('query', PageQuery),
      async (c) => c.json(await listMappings(c.get('ctx'), c.req.valid('query')), 200),
    )
    .post(
      '/',
      describeRoute({
        policy: { permission: 'group-mapping.manage', scope: 'hub', isFresh: true },
        operationId: 'createMapping',
        tag: 'Access',
        summary: 'Give a role to a group',
        description:
          'At once to everybody known to be in it, and to others at their next sign-in or look-up.',
        answers: { 201: GroupMapping },
        problems: ['not-found', 'conflict'],
      }),
      validate('json', GroupMappingInput),
      async (c) => c.json(await createMapping(c.get('ctx'), deps, c.req.valid('json')), 201),
    )
    .put(
      '/:id',
      describeRoute({
        policy: { permission: 'group-mapping.manage', scope: 'hub', isFresh: true },
        operationId: 'updateMapping',
        tag: 'Access',
        summary: 'Replace a group mapping',
        answers: { 200: GroupMapping },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', MappingParam),
      validate('json', GroupMappingInput),
      async (c) =>
        c.json(
          await updateMapping(c.get('ctx'), deps, c.req.valid('param').id, c.req.valid('json')),
          200,
        ),
    )
    .delete(
      '/:id',
      describeRoute({
        policy: { permission: 'group-mapping.manage', scope: 'hub', isFresh: true },
        operationId: 'deleteMapping',
        tag: 'Access',
        summary: 'Remove a group mapping',
        description: 'What it gave is gone at once.',
        answers: { 204: null },
        problems: ['not-found', 'conflict'],
      }),
      validate('param', MappingParam),
      async (c) => {
        await deleteMapping(c.get('ctx'), deps, c.req.valid('param').id)
        return c.body(null, 204)
      },
    )
}

/** Mounted at `/api/admin/effective-access`. */
export function effectiveAccessRoutes(deps: AccessDeps) {
  return new Hono<HubEnv>().get(
    '/',
    describeRoute({
      policy: { permission: 'grant.manage', scope: 'hub' },
      operationId: 'explainAccess',
      tag: 'Access',
      summary: 'What a person may do somewhere, and why',
      description:
        'Because of which grant, mapping or configuration, and why the others do not count there.',
      answers: { 200: EffectiveAccess },
      problems: ['not-found'],
    }),
    validate('query', EffectiveAccessQuery),
    async (c) => c.json(await explainAccess(c.get('ctx'), deps, c.req.valid('query')), 200),
  )
}
