import { IdText, RefreshedSession, SessionList, UserId } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import type { SessionDeps } from './deps.ts'
import { describeRefresh, listSessions, listSessionsOf } from './list-sessions.ts'
import { revokeOtherSessions, revokeSession, revokeSessionsOf } from './revoke-sessions.ts'

const SessionPath = z.object({ session: IdText.min(1).max(64) })
const UserPath = z.object({ user: UserId })

export const sessionOperations = [
  defineOperation({
    id: 'listSessions',
    tag: 'Session',
    summary: "The caller's browser sessions",
    policy: 'browser-session',
    effect: 'read',
    tool: { none: "Sessions and tokens are the person's own to end." },
    output: SessionList,
    http: { method: 'get', path: '/api/auth/sessions', status: 200 },
    run: (ctx, deps: SessionDeps) => listSessions(ctx, deps),
  }),
  defineOperation({
    id: 'revokeOtherSessions',
    tag: 'Session',
    summary: "End all of the caller's sessions but this one",
    policy: 'browser-session',
    effect: 'destructive',
    tool: { none: "Sessions and tokens are the person's own to end." },
    output: null,
    http: { method: 'delete', path: '/api/auth/sessions', status: 204 },
    run: (ctx) => revokeOtherSessions(ctx),
  }),
  defineOperation({
    id: 'revokeSession',
    tag: 'Session',
    summary: "End one of the caller's sessions",
    policy: 'browser-session',
    effect: 'destructive',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: SessionPath },
    output: null,
    problems: ['not-found'],
    http: { method: 'delete', path: '/api/auth/sessions/:session', status: 204 },
    run: (ctx, _deps, { path }) => revokeSession(ctx, path.session),
  }),
  defineOperation({
    id: 'describeRefresh',
    tag: 'Session',
    summary: 'Extend the session',
    policy: 'browser-session',
    effect: 'write',
    tool: { none: "Sessions and tokens are the person's own to end." },
    output: RefreshedSession,
    use: 'refresh',
    http: { method: 'post', path: '/api/auth/refresh', status: 200 },
    run: (ctx, deps: SessionDeps) => describeRefresh(ctx, deps),
  }),
  defineOperation({
    id: 'listSessionsOf',
    tag: 'People',
    summary: "A person's sessions",
    policy: { permission: 'user.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: UserPath },
    output: SessionList,
    http: { method: 'get', path: '/api/admin/users/:user/sessions', status: 200 },
    run: (ctx, deps: SessionDeps, { path }) => listSessionsOf(ctx, deps, path.user),
  }),
  defineOperation({
    id: 'revokeSessionsOf',
    tag: 'People',
    summary: 'Sign a person out everywhere',
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
    effect: 'destructive',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: UserPath },
    output: null,
    http: { method: 'delete', path: '/api/admin/users/:user/sessions', status: 204 },
    run: (ctx, _deps, { path }) => revokeSessionsOf(ctx, { userId: path.user }),
  }),
  defineOperation({
    id: 'revokeSessionOf',
    tag: 'People',
    summary: "End one of a person's sessions",
    policy: { permission: 'user.manage', scope: 'hub', isFresh: true },
    effect: 'destructive',
    tool: { none: "Sessions and tokens are the person's own to end." },
    input: { path: UserPath.extend({ session: z.uuid() }) },
    output: null,
    problems: ['not-found'],
    http: { method: 'delete', path: '/api/admin/users/:user/sessions/:session', status: 204 },
    run: (ctx, _deps, { path }) => revokeSessionsOf(ctx, { userId: path.user, id: path.session }),
  }),
] as const
