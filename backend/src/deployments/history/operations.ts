import {
  DeploymentChange,
  DeploymentHistory,
  DeploymentName,
  HistoryQuery,
  InstanceId,
  NamespaceName,
  RestoreInput,
} from '@hub/shared'
import * as z from 'zod'
import { clusterProblems } from '#kube'
import { defineOperation, DryRun } from '#operation'
import { getHistory, type HistoryDeps } from './get-history.ts'
import { restoreDeployment } from './restore.ts'

const path = z.object({ instance: InstanceId, namespace: NamespaceName, name: DeploymentName })
const place = '/api/instances/:instance/namespaces/:namespace/deployments/:name'

export const historyOperations = [
  defineOperation({
    id: 'getHistory',
    tag: 'Deployments',
    summary: 'The specs that a deployment had',
    description:
      'The latest 20 that the hub made or saw, newest first; `unseen` are generations between them that it did not see. Values of variables are for those who may change it.',
    policy: { permission: 'deployment.view', scope: 'namespace' },
    effect: 'read',
    tool: {
      name: 'get_history',
      description: 'The specs that a deployment had, who changed it and when.',
    },
    input: { path, query: HistoryQuery },
    output: DeploymentHistory,
    problems: ['instance-not-ready'],
    http: { method: 'get', path: `${place}/history`, status: 200 },
    run: (ctx, deps: HistoryDeps, { path: at, query }) => getHistory(ctx, deps, at, query),
  }),
  defineOperation({
    id: 'restoreDeployment',
    tag: 'Deployments',
    summary: 'Go back to a spec that a deployment had',
    description:
      'A change like any other, of what differs from now. With `dryRun=All` the cluster says what would come of it; with `If-Match` (the `version` of the manifest) only where nobody changed it since.',
    policy: { permission: 'deployment.update', scope: 'namespace' },
    effect: 'write',
    tool: {
      name: 'restore_deployment',
      description:
        'Puts a deployment back to an earlier revision of get_history. Use dry_run first: it says what would differ.',
    },
    input: {
      path,
      query: z.strictObject({ dryRun: DryRun }),
      header: z.object({ 'if-match': z.string().max(500).optional() }),
      body: RestoreInput,
    },
    output: DeploymentChange,
    problems: [
      'budget-used-up',
      'conflict',
      'deployment-changed',
      'deployment-invalid',
      'deployment-refused',
      'instance-not-ready',
      'instance-no-crd',
      ...clusterProblems,
    ],
    http: { method: 'post', path: `${place}/restore`, status: 200 },
    run: (ctx, deps: HistoryDeps, { path: at, query, header, body }) =>
      restoreDeployment(
        ctx,
        deps,
        { ...at, ifMatch: header['if-match'], dryRun: query.dryRun === 'All' },
        body.generation,
      ),
  }),
] as const
