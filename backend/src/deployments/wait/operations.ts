import { DeploymentName, DeploymentWait, InstanceId, NamespaceName, WaitQuery } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import type { DeploymentWaits } from './wait-for-deployment.ts'

const path = z.object({ instance: InstanceId, namespace: NamespaceName, name: DeploymentName })

export const waitOperations = [
  defineOperation({
    id: 'waitForDeployment',
    tag: 'Deployments',
    summary: 'Wait until a deployment runs, or needs attention',
    description:
      'Answers when it runs, when somebody has to look after it, when it is gone, or when the time is over: with its state, the cause and what helps. A state that passes by itself within 5 s ends no wait.',
    policy: { permission: 'deployment.view', scope: 'namespace' },
    effect: 'read',
    use: 'background',
    tool: {
      name: 'wait_for_deployment',
      description:
        'Waits until a deployment runs, needs somebody, is gone, or the time is over, and says which, why and what helps. Call it after a change instead of asking again and again; where it is still-waiting, call it once more. It reports progress to clients that ask for that.',
    },
    input: { path, query: WaitQuery },
    output: DeploymentWait,
    problems: ['csrf', 'too-many-streams', 'instance-not-ready'],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/wait',
      status: 200,
    },
    run: (ctx, deps: { waits: DeploymentWaits }, { path: at, query, report }) =>
      deps.waits.wait(ctx, at, query, report),
  }),
] as const
