import { Confirmation, ConfirmationList, IdText } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import {
  decideConfirmation,
  listConfirmations,
  type ConfirmationDeps,
} from './decide-confirmation.ts'

const path = z.object({ id: IdText.min(1).max(64) })
const none = { none: 'What agents want to destroy is decided by people, in the portal.' }

export const confirmationOperations = [
  defineOperation({
    id: 'listConfirmations',
    tag: 'Session',
    summary: 'What agents want to destroy, and wait for a yes to',
    description:
      "In the caller's name; for administrators also what programs want. What is decided or over stays for a quarter of an hour.",
    policy: 'browser-session',
    effect: 'read',
    use: 'background',
    tool: none,
    output: ConfirmationList,
    problems: ['csrf'],
    http: { method: 'get', path: '/api/auth/confirmations', status: 200 },
    run: (ctx, deps: ConfirmationDeps) => listConfirmations(ctx, deps),
  }),
  defineOperation({
    id: 'approveConfirmation',
    tag: 'Session',
    summary: 'Let an agent do what it asked for, once',
    description: 'Exactly that, by what it showed when it asked, within a quarter of an hour.',
    policy: 'fresh-browser-session',
    effect: 'write',
    tool: none,
    input: { path },
    output: Confirmation,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/auth/confirmations/:id/approve', status: 200 },
    run: (ctx, deps: ConfirmationDeps, { path: { id } }) =>
      decideConfirmation(ctx, deps, id, 'approved'),
  }),
  defineOperation({
    id: 'refuseConfirmation',
    tag: 'Session',
    summary: 'Refuse what an agent asked for',
    policy: 'browser-session',
    effect: 'write',
    tool: none,
    input: { path },
    output: Confirmation,
    problems: ['not-found', 'conflict'],
    http: { method: 'post', path: '/api/auth/confirmations/:id/refuse', status: 200 },
    run: (ctx, deps: ConfirmationDeps, { path: { id } }) =>
      decideConfirmation(ctx, deps, id, 'refused'),
  }),
] as const
