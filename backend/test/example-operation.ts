import { InstanceId } from '@hub/shared'
import * as z from 'zod'
import { requireInstance, type InstanceDeps } from '#instances'
import { defineOperation } from '#operation'

const DeploymentCount = z.object({ deployments: z.int() })

/** How many deployments of an instance the caller sees. Throws `unauthenticated`, `not-found`. */
export const countDeployments = defineOperation({
  id: 'countDeployments',
  tag: 'Instances',
  summary: 'How many deployments of an instance the caller sees',
  policy: { permission: 'instance.view', scope: 'instance' },
  effect: 'read',
  input: { path: z.object({ instance: InstanceId }) },
  output: DeploymentCount,
  http: { method: 'get', path: '/api/instances/:instance/deployment-count', status: 200 },
  tool: { name: 'count_deployments', description: 'Counts the deployments of an instance.' },
  run(ctx, deps: InstanceDeps, { path }) {
    const { id } = requireInstance(ctx, deps, path.instance)
    return { deployments: deps.fleet.describeInstance(ctx, id).deploymentCount }
  },
})
