import { FinishTrialInput, InstanceId, OidcTrial, StartedTrial, StartTrialInput } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { authorize } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import type { InstanceDeps } from '../list-instances.ts'
import { finishTrial } from './finish-trial.ts'
import { startTrial } from './start-trial.ts'
import type { TrialDeps } from './trial.ts'

type Deps = InstanceDeps & { trials: TrialDeps }

const InstancePath = z.object({ instance: InstanceId })
const ofManagers = {
  tag: 'Instances',
  policy: { permission: 'instance.manage', scope: 'instance', takesSession: true },
  effect: 'write',
  tool: { none: 'Somebody signs in, by a browser.' },
} as const

/** A cluster's own sign-in, tried before people come to depend on it. */
export const trialOperations = [
  defineOperation({
    ...ofManagers,
    id: 'startTrial',
    summary: 'Begin to try how people sign in to a cluster itself',
    description:
      'Of the profile that is sent; nothing is kept. Somebody signs in at `url`, which leads back to `/cluster-sign-in` of the hub; a device’s code leads back nowhere.',
    input: { path: InstancePath, body: StartTrialInput },
    output: StartedTrial,
    problems: ['host-not-allowed', 'provider-unavailable'],
    http: { method: 'post', path: '/api/instances/:instance/oidc/trials', status: 200 },
    run(ctx, deps: Deps, { body, path: { instance } }) {
      authorize(ctx, 'instance.manage', { instance, namespace: null })
      requireInstance(ctx, deps, instance)
      return startTrial(ctx, deps.trials, { ...body, instance })
    },
  }),
  defineOperation({
    ...ofManagers,
    id: 'finishTrial',
    summary: 'What came of it: the claims, and what the cluster would make of them',
    description:
      'Once, within ten minutes, and in the session that began it. The token itself is shown, kept and logged nowhere; its claims are in this answer alone.',
    input: { path: InstancePath, body: FinishTrialInput },
    output: OidcTrial,
    problems: ['login-expired', 'provider-unavailable'],
    http: { method: 'post', path: '/api/instances/:instance/oidc/trials/finish', status: 200 },
    run(ctx, deps: Deps, { body, path: { instance } }) {
      authorize(ctx, 'instance.manage', { instance, namespace: null })
      requireInstance(ctx, deps, instance)
      return finishTrial(ctx, deps.trials, { ...body, instance })
    },
  }),
] as const
