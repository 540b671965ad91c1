import { LinkIdentityInput, User, UserId, UserList, UsersQuery } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { disableUser, enableUser } from './disable-user.ts'
import { linkIdentity, unlinkIdentity, type LinkDeps } from './link-identity.ts'
import { getUser, listUsers } from './list-users.ts'

const UserPath = z.object({ user: UserId })
const IdentityPath = UserPath.extend({ identity: z.uuid() })

export const peopleOperations = [
  defineOperation({
    id: 'listUsers',
    tag: 'People',
    summary: 'Everybody who has signed in',
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'read',
    input: { query: UsersQuery },
    output: UserList,
    http: { method: 'get', path: '/api/admin/users', status: 200 },
    run: (ctx, deps: LinkDeps, { query }) => listUsers(ctx, deps, query),
  }),
  defineOperation({
    id: 'getUser',
    tag: 'People',
    summary: 'One person',
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'read',
    input: { path: UserPath },
    output: User,
    problems: ['not-found'],
    http: { method: 'get', path: '/api/admin/users/:user', status: 200 },
    run: (ctx, deps: LinkDeps, { path }) => getUser(ctx, deps, path.user),
  }),
  defineOperation({
    id: 'disableUser',
    tag: 'People',
    summary: 'Lock a person out',
    description: 'Sessions and streams end, tokens rest.',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    input: { path: UserPath },
    output: User,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/users/:user/disable', status: 200 },
    run: (ctx, deps: LinkDeps, { path }) => disableUser(ctx, deps, path.user),
  }),
  defineOperation({
    id: 'enableUser',
    tag: 'People',
    summary: 'Let a person in again',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    input: { path: UserPath },
    output: User,
    problems: ['not-found'],
    http: { method: 'post', path: '/api/admin/users/:user/enable', status: 200 },
    run: (ctx, deps: LinkDeps, { path }) => enableUser(ctx, deps, path.user),
  }),
  defineOperation({
    id: 'linkIdentity',
    tag: 'People',
    summary: 'Move an identity to a person',
    description: 'So that both ways of signing in are one person.',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true, takesSession: true },
    effect: 'write',
    input: { path: UserPath, body: LinkIdentityInput },
    output: User,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/users/:user/identities', status: 200 },
    run: (ctx, deps: LinkDeps, { path, body }) =>
      linkIdentity(ctx, deps, { userId: path.user, ...body }),
  }),
  defineOperation({
    id: 'unlinkIdentity',
    tag: 'People',
    summary: 'Make an identity a person of its own',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true, takesSession: true },
    effect: 'destructive',
    input: { path: IdentityPath },
    output: User,
    problems: ['not-found', 'conflict'],
    http: { method: 'delete', path: '/api/admin/users/:user/identities/:identity', status: 200 },
    run: (ctx, deps: LinkDeps, { path }) =>
      unlinkIdentity(ctx, deps, { userId: path.user, identityId: path.identity }),
  }),
] as const
