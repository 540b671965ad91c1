import { DeploymentList, DeploymentsQuery } from '@hub/shared'
import { Hono } from 'hono'
import type { HubEnv } from '#context'
import { answerJson, describeRoute, validate } from '#http'
import type { DeploymentDeps } from './deps.ts'
import { createDeploymentList } from './list-deployments.ts'

/** Mounted at `/api`. */
export function deploymentListRoutes(deps: DeploymentDeps) {
  const listDeployments = createDeploymentList(deps)
  return new Hono<HubEnv>().get(
    '/deployments',
    describeRoute({
      policy: 'signed-in',
      operationId: 'listDeployments',
      tag: 'Deployments',
      summary: 'Deployments of all instances',
      description: 'Those that the caller may see, with an `ETag`.',
      answers: { 200: DeploymentList, 304: null },
    }),
    validate('query', DeploymentsQuery),
    (c) => answerJson(c, listDeployments(c.get('ctx'), c.req.valid('query'))),
  )
}
