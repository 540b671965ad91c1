import {
  CreateDeploymentInput,
  Deployment,
  DeploymentName,
  DeploymentUid,
  InstanceId,
  KnownDeployment,
  NamespaceName,
} from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import { clusterProblems } from '#kube'
import { createDeployment } from './create.ts'
import { deleteDeployment } from './delete.ts'
import type { DeploymentDeps } from './deps.ts'
import { getDeployment } from './get.ts'

const NamespaceParam = z.object({ instance: InstanceId, namespace: NamespaceName })
const DeploymentParam = NamespaceParam.extend({ name: DeploymentName })
const CreateQuery = z.strictObject({
  dryRun: z.literal('All', 'must be All, or be left out').optional(),
})
const DeleteQuery = z.strictObject({ uid: DeploymentUid.optional() })

/** Mounted at `/api/instances`. */
export function deploymentRoutes(deps: DeploymentDeps) {
  return new Hono<HubEnv>()
    .post(
      '/:instance/namespaces/:namespace/deployments',
      describeRoute({
        policy: { permission: 'deployment.create', scope: 'namespace' },
        operationId: 'createDeployment',
        tag: 'Deployments',
        summary: 'Deploy a model',
        description: 'With `dryRun=All` the cluster checks it and keeps nothing.',
        answers: { 200: Deployment, 201: Deployment },
        problems: [
          'deployment-exists',
          'deployment-invalid',
          'deployment-refused',
          'instance-not-ready',
          'instance-no-crd',
          ...clusterProblems,
        ],
      }),
      validate('param', NamespaceParam),
      validate('query', CreateQuery),
      validate('json', CreateDeploymentInput),
      async (c) => {
        const dryRun = c.req.valid('query').dryRun === 'All'
        const target = { ...c.req.valid('param'), dryRun }
        const deployment = await createDeployment(c.get('ctx'), deps, target, c.req.valid('json'))
        return c.json(deployment, dryRun ? 200 : 201)
      },
    )
    .get(
      '/:instance/namespaces/:namespace/deployments/:name',
      describeRoute({
        policy: { permission: 'deployment.view', scope: 'namespace' },
        operationId: 'getDeployment',
        tag: 'Deployments',
        summary: 'One deployment',
        answers: { 200: KnownDeployment },
        problems: ['instance-not-ready'],
      }),
      validate('param', DeploymentParam),
      (c) => c.json(getDeployment(c.get('ctx'), deps, c.req.valid('param')), 200),
    )
    .delete(
      '/:instance/namespaces/:namespace/deployments/:name',
      describeRoute({
        policy: { permission: 'deployment.delete', scope: 'namespace' },
        operationId: 'deleteDeployment',
        tag: 'Deployments',
        summary: 'Delete a deployment',
        description:
          'With `uid` that one alone: whatever else has its name meanwhile is left alone, and the answer is `conflict`. Without, the one that the hub shows at that moment. Answers as it was last known: its pods and finalizers decide when it is gone.',
        answers: { 202: Deployment },
        problems: ['conflict', 'instance-not-ready', 'instance-no-crd', ...clusterProblems],
      }),
      validate('param', DeploymentParam),
      validate('query', DeleteQuery),
      async (c) => {
        const target = { ...c.req.valid('param'), ...c.req.valid('query') }
        return c.json(await deleteDeployment(c.get('ctx'), deps, target), 202)
      },
    )
}
