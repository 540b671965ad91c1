import { User, UserId, UserList, UsersQuery } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import type { PeopleDeps } from './deps.ts'
import { getUser, listUsers } from './list-users.ts'

export const peopleOperations = [
  defineOperation({
    id: 'listUsers',
    tag: 'People',
    summary: 'Everybody who has signed in',
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { query: UsersQuery },
    output: UserList,
    http: { method: 'get', path: '/api/admin/users', status: 200 },
    run: (ctx, deps: PeopleDeps, { query }) => listUsers(ctx, deps, query),
  }),
  defineOperation({
    id: 'getUser',
    tag: 'People',
    summary: 'One person',
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: z.object({ user: UserId }) },
    output: User,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/users/:user', status: 200 },
    run: (ctx, deps: PeopleDeps, { path }) => getUser(ctx, deps, path.user),
  }),
] as const
