import {
  DeploymentChange,
  DeploymentManifest,
  DeploymentName,
  DeploymentPatch,
  DeploymentUid,
  InstanceId,
  NamespaceName,
  RecreatedDeployment,
  RecreateInput,
  ScaleInput,
} from '@hub/shared'
import * as z from 'zod'
import { clusterProblems } from '#kube'
import { defineOperation, DryRun } from '#operation'
import type { DeploymentDeps } from '../deps.ts'
import { getManifest } from '../manifests/get-manifest.ts'
import { pauseDeployment, resumeDeployment } from './pause.ts'
import { recreateDeployment } from './recreate.ts'
import { restartDeployment } from './restart.ts'
import { scaleDeployment } from './scale.ts'
import { updateDeployment } from './update.ts'

const path = z.object({ instance: InstanceId, namespace: NamespaceName, name: DeploymentName })
const header = z.object({ 'if-match': z.string().max(500).optional() })
const query = z.strictObject({ dryRun: DryRun, uid: DeploymentUid.optional() })
const policy = { permission: 'deployment.update', scope: 'namespace' } as const
const place = '/api/instances/:instance/namespaces/:namespace/deployments/:name'
const problems = [
  'conflict',
  'deployment-changed',
  'deployment-invalid',
  'deployment-refused',
  'budget-used-up',
  'instance-not-ready',
  'instance-no-crd',
  ...clusterProblems,
] as const

type Sent = {
  path: z.output<typeof path>
  query: z.output<typeof query>
  /** Agents send none. */
  header?: z.output<typeof header>
}

const readTarget = ({ header: sent, path: at, query: { dryRun, uid } }: Sent) => ({
  ...at,
  uid,
  ifMatch: sent?.['if-match'],
  dryRun: dryRun === 'All',
})

const guarded =
  'With `If-Match` (the `version` of the manifest) only where nobody changed it since; with `uid` only that one, and none that took its name.'

export const changeOperations = [
  defineOperation({
    id: 'getManifest',
    tag: 'Deployments',
    summary: 'A deployment as YAML and as a kubectl command',
    description:
      'Asked of the cluster, without what servers and controllers write. Values of variables are for those who may change it.',
    policy: { permission: 'deployment.view', scope: 'namespace' },
    effect: 'read',
    tool: {
      name: 'get_manifest',
      description: 'A deployment as YAML, as it would be applied. Read it before you change one.',
      resource: {
        uri: 'hub://instances/{instance}/namespaces/{namespace}/deployments/{name}/manifest',
        mimeType: 'application/yaml',
        text: 'yaml',
      },
    },
    input: { path },
    output: DeploymentManifest,
    hasVersion: true,
    problems: ['instance-not-ready', 'instance-no-crd', ...clusterProblems],
    http: { method: 'get', path: `${place}/manifest`, status: 200 },
    run: (ctx, deps: DeploymentDeps, { path: at }) => getManifest(ctx, deps, at),
  }),
  defineOperation({
    id: 'updateDeployment',
    tag: 'Deployments',
    summary: 'Change a deployment',
    description: `By a JSON merge patch (RFC 7386) of the object: what it names is set, null takes away, lists are replaced as a whole. With \`dryRun=All\` the cluster checks and defaults it and keeps nothing. ${guarded}`,
    policy,
    effect: 'write',
    tool: {
      name: 'change_deployment',
      description:
        'Changes a deployment by a JSON merge patch: what spec and metadata name is set, null takes away, lists are replaced as a whole. Try it with dry_run first, and give the uid that you saw.',
    },
    input: { path, query, header, body: DeploymentPatch },
    output: DeploymentChange,
    hasVersion: true,
    problems,
    http: { method: 'patch', path: place, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) =>
      updateDeployment(ctx, deps, readTarget(input), input.body),
  }),
  defineOperation({
    id: 'scaleDeployment',
    tag: 'Deployments',
    summary: 'Say how many replicas a deployment has',
    description: guarded,
    policy,
    effect: 'write',
    tool: {
      name: 'scale_deployment',
      description:
        'Says how many replicas a deployment has, at least 1. get_capacity says what there is room for; delete_deployment gives its GPUs back. Prefill and decode of a disaggregated one are scaled by change_deployment.',
    },
    input: { path, query, header, body: ScaleInput },
    output: DeploymentChange,
    hasVersion: true,
    problems,
    http: { method: 'post', path: `${place}/scale`, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) =>
      scaleDeployment(ctx, deps, readTarget(input), input.body),
  }),
  defineOperation({
    id: 'restartDeployment',
    tag: 'Deployments',
    summary: 'Restart a deployment',
    description: `Its pods are replaced one after another, where its runtime passes the pod template on (vllm, llmd). ${guarded}`,
    policy,
    effect: 'write',
    tool: {
      name: 'restart_deployment',
      description:
        'Replaces the pods of a deployment one after another, where its runtime lets it.',
    },
    input: { path, query, header },
    output: DeploymentChange,
    hasVersion: true,
    problems,
    http: { method: 'post', path: `${place}/restart`, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) => restartDeployment(ctx, deps, readTarget(input)),
  }),
  defineOperation({
    id: 'pauseDeployment',
    tag: 'Deployments',
    summary: 'Pause a deployment',
    description: `AI Runway's controllers leave it alone: its pods keep running, and changes wait. ${guarded}`,
    policy,
    effect: 'write',
    tool: {
      name: 'pause_deployment',
      description:
        'Has the controllers leave a deployment alone: its pods keep running, and changes wait.',
    },
    input: { path, query, header },
    output: DeploymentChange,
    hasVersion: true,
    problems,
    http: { method: 'post', path: `${place}/pause`, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) => pauseDeployment(ctx, deps, readTarget(input)),
  }),
  defineOperation({
    id: 'resumeDeployment',
    tag: 'Deployments',
    summary: 'Resume a deployment',
    description: `AI Runway's controllers manage it again. ${guarded}`,
    policy,
    effect: 'write',
    tool: {
      name: 'resume_deployment',
      description: 'Has the controllers manage a paused deployment again.',
    },
    input: { path, query, header },
    output: DeploymentChange,
    hasVersion: true,
    problems,
    http: { method: 'post', path: `${place}/resume`, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) => resumeDeployment(ctx, deps, readTarget(input)),
  }),
  defineOperation({
    id: 'recreateDeployment',
    tag: 'Deployments',
    summary: 'Delete a deployment and create it again',
    description:
      'For what cannot be changed in place. The cluster checks the new one first; with `dryRun=All` that is all. Where it was deleted and could not be created, `outcome` says so and `manifest` is what was to be created.',
    policy,
    effect: 'destructive',
    tool: {
      name: 'recreate_deployment',
      description:
        'Deletes a deployment and creates it again with another spec, for what cannot be changed in place. Try it with dry_run first: the cluster checks the new one and deletes nothing.',
    },
    input: { path, query: z.strictObject({ dryRun: DryRun }), body: RecreateInput },
    output: RecreatedDeployment,
    problems: [
      ...problems.filter((code) => code !== 'deployment-changed'),
      'confirmation-required',
    ],
    http: { method: 'post', path: `${place}/recreate`, status: 200 },
    run: (ctx, deps: DeploymentDeps, { body, path: at, query: { dryRun } }) =>
      recreateDeployment(ctx, deps, { ...at, dryRun: dryRun === 'All' }, body),
  }),
] as const
