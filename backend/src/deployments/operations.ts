import {
  CreatedDeployment,
  CreateDeploymentInput,
  DeletedDeployment,
  DeploymentFacets,
  DeploymentFilter,
  DeploymentList,
  DeploymentName,
  DeploymentsQuery,
  DeploymentUid,
  InstanceId,
  KnownDeployment,
  ManifestInput,
  NamespaceName,
} from '@hub/shared'
import * as z from 'zod'
import { clusterProblems } from '#kube'
import { defineOperation, DryRun, IdempotencyHeader } from '#operation'
import { createOnce } from './create-once.ts'
import { isManifest, readManifest, toManifestPointer } from './creations/read-manifest.ts'
import { deleteDeployment } from './delete.ts'
import type { DeploymentDeps } from './deps.ts'
import { getDeployment } from './get.ts'
import type { ListDeployments } from './list-deployments.ts'
import type { ListFacets } from './list-facets.ts'
import type { CreationDeps } from './plan-creation.ts'

const NamespacePath = z.object({ instance: InstanceId, namespace: NamespaceName })
const DeploymentPath = NamespacePath.extend({ name: DeploymentName })

export const deploymentOperations = [
  defineOperation({
    id: 'listDeployments',
    tag: 'Deployments',
    summary: 'Deployments of all instances',
    description: 'Those that the caller may see, with an `ETag`.',
    policy: 'signed-in',
    effect: 'read',
    tool: {
      name: 'list_deployments',
      description:
        'Lists model deployments over all instances, trouble first with sort=status. Filter by instance, namespace, status, model, engine or q; page with cursor.',
      fields: [
        'instance',
        'namespace',
        'name',
        'uid',
        'state',
        'sentence',
        'model.id',
        'engine',
        'runtime',
        'gpus',
        'replicas',
        'createdAt',
        'createdBy',
        'abilities',
      ],
    },
    input: { query: DeploymentsQuery },
    output: { kept: DeploymentList },
    http: { method: 'get', path: '/api/deployments', status: 200 },
    run: (ctx, deps: { listDeployments: ListDeployments }, { query }) =>
      deps.listDeployments(ctx, query),
  }),
  defineOperation({
    id: 'listFacets',
    tag: 'Deployments',
    summary: 'The filters of lists of deployments',
    description:
      'For each field, the values among the deployments that the caller may see and how many have each, with an `ETag`.',
    policy: 'signed-in',
    effect: 'read',
    tool: { none: 'For the menus of a page; list_deployments filters.' },
    input: { query: DeploymentFilter },
    output: { kept: DeploymentFacets },
    http: { method: 'get', path: '/api/deployments/facets', status: 200 },
    run: (ctx, deps: { listFacets: ListFacets }, { query }) => deps.listFacets(ctx, query),
  }),
  defineOperation({
    id: 'createDeployment',
    tag: 'Deployments',
    summary: 'Deploy a model',
    description:
      'The body may also be the ModelDeployment itself, as kubectl takes it, in JSON or YAML. With `dryRun=All` the cluster checks it and keeps nothing. With an `Idempotency-Key` it can be sent again: the answer is the same, and nothing is created twice.',
    policy: { permission: 'deployment.create', scope: 'namespace' },
    effect: 'write',
    repeats: 'answer',
    tool: {
      name: 'create_deployment',
      description:
        'Deploys a model on an instance. Try it with dry_run first: the cluster checks it and keeps nothing.',
    },
    input: {
      path: NamespacePath,
      header: IdempotencyHeader,
      query: z.strictObject({ dryRun: DryRun }),
      body: CreateDeploymentInput,
    },
    otherBody: {
      schema: ManifestInput,
      is: isManifest,
      read: readManifest,
      toPointer: toManifestPointer,
    },
    output: CreatedDeployment,
    problems: [
      'deployment-exists',
      'deployment-invalid',
      'deployment-refused',
      'instance-closed',
      'budget-used-up',
      'instance-not-ready',
      'instance-no-crd',
      ...clusterProblems,
    ],
    http: {
      method: 'post',
      path: '/api/instances/:instance/namespaces/:namespace/deployments',
      status: 201,
    },
    run: (ctx, deps: DeploymentDeps & CreationDeps, { path, query, body, repeat }) =>
      createOnce(ctx, deps, { ...path, dryRun: query.dryRun === 'All' }, body, repeat?.earlier),
  }),
  defineOperation({
    id: 'getDeployment',
    tag: 'Deployments',
    summary: 'One deployment',
    policy: { permission: 'deployment.view', scope: 'namespace' },
    effect: 'read',
    tool: {
      name: 'get_deployment',
      description: 'One deployment: its state in a sentence, replicas, conditions and endpoint.',
      resource: {
        uri: 'hub://instances/{instance}/namespaces/{namespace}/deployments/{name}',
        mimeType: 'application/json',
      },
    },
    input: { path: DeploymentPath },
    output: KnownDeployment,
    problems: ['instance-not-ready'],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name',
      status: 200,
    },
    run: (ctx, deps: DeploymentDeps, { path }) => getDeployment(ctx, deps, path),
  }),
  defineOperation({
    id: 'deleteDeployment',
    tag: 'Deployments',
    summary: 'Delete a deployment',
    description:
      'With `uid`, only that one: if another one has taken its name, it is left alone and the answer is `conflict`. Without, the one that the hub shows at that moment. Answers with its last known state and what goes with it: its pods and finalizers decide when it is gone. With `dryRun=All` nothing goes.',
    policy: { permission: 'deployment.delete', scope: 'namespace' },
    effect: 'destructive',
    tool: {
      name: 'delete_deployment',
      description:
        'Deletes a deployment for good. Give the uid that you saw, so that no other one of the same name is hit.',
    },
    input: {
      path: DeploymentPath,
      query: z.strictObject({ uid: DeploymentUid.optional(), dryRun: DryRun }),
    },
    output: DeletedDeployment,
    problems: [
      'conflict',
      'confirmation-required',
      'instance-not-ready',
      'instance-no-crd',
      ...clusterProblems,
    ],
    http: {
      method: 'delete',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name',
      status: 202,
    },
    run: (ctx, deps: DeploymentDeps, { path, query }) =>
      deleteDeployment(ctx, deps, { ...path, uid: query.uid, dryRun: query.dryRun === 'All' }),
  }),
] as const
