import {
  GroupMapping,
  GroupMappingInput,
  GroupMappingList,
  KnownGroupList,
  KnownGroupsQuery,
  PageQuery,
} from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { createMapping } from './create-mapping.ts'
import { deleteMapping } from './delete-mapping.ts'
import type { AccessDeps } from './deps.ts'
import { listKnownGroups } from './list-known-groups.ts'
import { listMappings } from './list-mappings.ts'
import { updateMapping } from './update-mapping.ts'

const MappingPath = z.object({ id: z.uuid() })

export const mappingOperations = [
  defineOperation({
    id: 'listMappings',
    tag: 'Access',
    summary: 'The group mappings',
    policy: { permission: 'group-mapping.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { query: PageQuery },
    output: GroupMappingList,
    http: { method: 'get', path: '/api/admin/group-mappings', status: 200 },
    run: (ctx, deps: AccessDeps, { query }) => listMappings(ctx, deps, query),
  }),
  defineOperation({
    id: 'createMapping',
    tag: 'Access',
    summary: 'Give a role to a group',
    description:
      'Takes effect at once for everybody known to be in it, and for others at their next sign-in or look-up.',
    policy: { permission: 'group-mapping.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { body: GroupMappingInput },
    output: GroupMapping,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/group-mappings', status: 201 },
    run: (ctx, deps: AccessDeps, { body }) => createMapping(ctx, deps, body),
  }),
  defineOperation({
    id: 'updateMapping',
    tag: 'Access',
    summary: 'Replace a group mapping',
    policy: { permission: 'group-mapping.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: MappingPath, body: GroupMappingInput },
    output: GroupMapping,
    problems: ['not-found', 'conflict'],
    http: { method: 'put', path: '/api/admin/group-mappings/:id', status: 200 },
    run: (ctx, deps: AccessDeps, { path, body }) => updateMapping(ctx, deps, path.id, body),
  }),
  defineOperation({
    id: 'deleteMapping',
    tag: 'Access',
    summary: 'Remove a group mapping',
    description: 'The roles it gave are gone at once.',
    policy: { permission: 'group-mapping.manage', scope: 'hub', isFresh: true },
    effect: 'destructive',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: MappingPath },
    output: null,
    problems: ['not-found', 'conflict'],
    http: { method: 'delete', path: '/api/admin/group-mappings/:id', status: 204 },
    run: (ctx, deps: AccessDeps, { path }) => deleteMapping(ctx, deps, path.id),
  }),
  defineOperation({
    id: 'listKnownGroups',
    tag: 'Access',
    summary: 'The groups that people are in',
    description:
      'Only groups that somebody who signed in belongs to; those with most people first.',
    policy: { permission: 'group-mapping.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { query: KnownGroupsQuery },
    output: KnownGroupList,
    http: { method: 'get', path: '/api/admin/groups', status: 200 },
    run: (ctx, _deps, { query }) => listKnownGroups(ctx, query),
  }),
] as const
