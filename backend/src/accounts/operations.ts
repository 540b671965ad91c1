import { LinkIdentityInput, User, UserId } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import type { PersonDeps } from './deps.ts'
import { disableUser, enableUser } from './disable-user.ts'
import { linkIdentity, unlinkIdentity } from './link-identity.ts'

const UserPath = z.object({ user: UserId })
const IdentityPath = UserPath.extend({ identity: z.uuid() })

export const accountOperations = [
  defineOperation({
    id: 'disableUser',
    tag: 'People',
    summary: 'Lock a person out',
    description:
      'Ends their sessions, streams and API tokens; they cannot sign in until they are enabled.',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: UserPath },
    output: User,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/users/:user/disable', status: 200 },
    run: (ctx, deps: PersonDeps, { path }) => disableUser(ctx, deps, path.user),
  }),
  defineOperation({
    id: 'enableUser',
    tag: 'People',
    summary: 'Let a person in again',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: UserPath },
    output: User,
    problems: ['not-found'],
    http: { method: 'post', path: '/api/admin/users/:user/enable', status: 200 },
    run: (ctx, deps: PersonDeps, { path }) => enableUser(ctx, deps, path.user),
  }),
  defineOperation({
    id: 'linkIdentity',
    tag: 'People',
    summary: 'Move an identity to a person',
    description: 'Afterwards both ways of signing in lead to one person.',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true, takesSession: true },
    effect: 'write',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: UserPath, body: LinkIdentityInput },
    output: User,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/admin/users/:user/identities', status: 200 },
    run: (ctx, deps: PersonDeps, { path, body }) =>
      linkIdentity(ctx, deps, { userId: path.user, ...body }),
  }),
  defineOperation({
    id: 'unlinkIdentity',
    tag: 'People',
    summary: 'Make an identity a separate person',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true, takesSession: true },
    effect: 'destructive',
    tool: { none: 'Who may what is decided by people, in the portal.' },
    input: { path: IdentityPath },
    output: User,
    problems: ['not-found', 'conflict'],
    http: { method: 'delete', path: '/api/admin/users/:user/identities/:identity', status: 200 },
    run: (ctx, deps: PersonDeps, { path }) =>
      unlinkIdentity(ctx, deps, { userId: path.user, identityId: path.identity }),
  }),
] as const
