import {
  ChangeDeploymentsInput,
  CreateDeploymentsInput,
  TargetOutcome,
  TargetOutcomes,
} from '@hub/shared'
import * as z from 'zod'
import { eventStream } from '#event-stream'
import { defineOperation, DryRun, IdempotencyHeader } from '#operation'
import type { DeploymentDeps } from '../deps.ts'
import type { CreationDeps } from '../plan-creation.ts'
import { changeSeveral } from './change-several.ts'
import { createSeveral } from './create-several.ts'

const output = {
  json: TargetOutcomes,
  events: {
    type: eventStream,
    description:
      'For `Accept: text/event-stream`: an event `outcome` for each target as it comes, then `end` with how many are done, failed and unknown.',
    items: TargetOutcome,
  },
}

export const severalOperations = [
  defineOperation({
    id: 'createDeployments',
    tag: 'Deployments',
    summary: 'Deploy a model in several places',
    description:
      'Each place is checked, refused and audited by itself, and one that fails costs the others nothing: the answer has the outcome of each. With an `Idempotency-Key`, sending it again does what is not done yet. With `dryRun=All` every cluster checks it and keeps nothing.',
    policy: 'signed-in',
    effect: 'write',
    tool: { none: 'create_deployment, once for each target, says more clearly what came of each.' },
    repeats: 'rest',
    input: {
      query: z.strictObject({ dryRun: DryRun }),
      header: IdempotencyHeader,
      body: CreateDeploymentsInput,
    },
    output,
    http: { method: 'post', path: '/api/deployments', status: 200 },
    run: (ctx, deps: DeploymentDeps & CreationDeps, { query, body, ...options }) =>
      createSeveral(ctx, deps, body, { ...options, dryRun: query.dryRun === 'All' }),
  }),
  defineOperation({
    id: 'changeDeployments',
    tag: 'Deployments',
    summary: 'Scale, restart, pause, resume or delete several deployments',
    description:
      'Each is named with its uid, so that none that took its name is changed; each is refused and audited by itself, and one that fails costs the others nothing. With an `Idempotency-Key`, sending it again does what is not done yet.',
    policy: 'signed-in',
    effect: 'destructive',
    tool: {
      none: 'The tools for one deployment, once for each, say more clearly what came of each.',
    },
    repeats: 'rest',
    input: { header: IdempotencyHeader, body: ChangeDeploymentsInput },
    output,
    http: { method: 'post', path: '/api/deployments/actions', status: 200 },
    run: (ctx, deps: DeploymentDeps, { body, ...options }) =>
      changeSeveral(ctx, deps, body, options),
  }),
] as const
