import {
  DeploymentEvents,
  DeploymentExplanation,
  DeploymentName,
  DeploymentPods,
  InstanceId,
  LogEvent,
  LogsQuery,
  NamespaceName,
  RuntimeObjects,
} from '@hub/shared'
import * as z from 'zod'
import { clusterProblems } from '#kube'
import { eventStream } from '#event-stream'
import { defineOperation } from '#operation'
import type { DeploymentDeps } from './deps.ts'
import { explainDeployment } from './explain.ts'
import { listEvents } from './list-events.ts'
import { listPods } from './list-pods.ts'
import { listRuntimeObjects } from './list-runtime-objects.ts'
import type { DeploymentLogs } from './logs/open-logs.ts'
import { createTextWriter, eventWriter } from './logs/write-logs.ts'

const path = z.object({ instance: InstanceId, namespace: NamespaceName, name: DeploymentName })
const policy = { permission: 'deployment.view', scope: 'namespace' } as const
const plain = 'text/plain; charset=utf-8'

/** What tells why a deployment is as it is. */
export const podOperations = [
  defineOperation({
    id: 'explainDeployment',
    tag: 'Deployments',
    summary: 'Why a deployment is as it is',
    description: 'Its state with the fields that tell it, and what helps.',
    policy,
    effect: 'read',
    tool: {
      name: 'explain_deployment',
      description:
        'Why a deployment is as it is: its state, the fields that prove it, and what helps next.',
    },
    input: { path },
    output: DeploymentExplanation,
    problems: ['instance-not-ready'],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/explain',
      status: 200,
    },
    run: (ctx, deps: DeploymentDeps, input) => explainDeployment(ctx, deps, input.path),
  }),
  defineOperation({
    id: 'listPods',
    tag: 'Deployments',
    summary: 'The pods of a deployment',
    description: 'With their containers, and what keeps each from running.',
    policy,
    effect: 'read',
    tool: {
      name: 'list_pods',
      description:
        'The pods of a deployment, with their containers and what keeps each from running.',
    },
    input: { path },
    output: DeploymentPods,
    problems: ['instance-not-ready', 'instance-no-crd', ...clusterProblems],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/pods',
      status: 200,
    },
    run: (ctx, deps: DeploymentDeps, input) => listPods(ctx, deps, input.path),
  }),
  defineOperation({
    id: 'listRuntimeObjects',
    tag: 'Deployments',
    summary: 'What the runtime made of a deployment',
    description:
      'The Workspace, DynamoGraphDeployment, RayService or Deployments that its runtime made, with their conditions and status. The cluster is asked as the caller.',
    policy,
    effect: 'read',
    tool: {
      name: 'list_runtime_objects',
      description:
        'What the runtime made of a deployment (KAITO Workspace, DynamoGraphDeployment, RayService or Deployment), with its conditions and status: where explain_deployment does not say enough.',
    },
    input: { path },
    output: RuntimeObjects,
    problems: ['instance-not-ready', 'instance-no-crd', ...clusterProblems],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/runtime-objects',
      status: 200,
    },
    run: (ctx, deps: DeploymentDeps, input) => listRuntimeObjects(ctx, deps, input.path),
  }),
  defineOperation({
    id: 'listEvents',
    tag: 'Deployments',
    summary: 'Events about a deployment and what was made of it',
    description: 'Those that say the same together. The cluster is asked as the caller.',
    policy,
    effect: 'read',
    tool: {
      name: 'list_events',
      description: 'Kubernetes events about a deployment and what was made of it.',
    },
    input: { path },
    output: DeploymentEvents,
    problems: ['instance-not-ready', 'instance-no-crd', ...clusterProblems],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/events',
      status: 200,
    },
    run: (ctx, deps: DeploymentDeps, input) => listEvents(ctx, deps, input.path),
  }),
  defineOperation({
    id: 'readLogs',
    tag: 'Deployments',
    summary: 'The logs of a deployment',
    description:
      'Of all its pods or of one. With `follow` it goes on until the pods end, or access is lost. Where `Accept` asks for text/plain, as lines; those that begin with "# " are the hub\'s own.',
    policy,
    effect: 'read',
    tool: {
      name: 'read_logs',
      description:
        "The end of the logs of a deployment's pods, or of one pod. tail says how many lines of each.",
      without: ['follow'],
    },
    use: 'background',
    input: { path, query: LogsQuery, header: z.object({ accept: z.string().optional() }) },
    output: {
      stream: [
        {
          type: eventStream,
          description: 'Server-sent events: `event` is the type, `data` the JSON of the rest.',
          items: LogEvent,
        },
        {
          type: plain,
          description: 'The lines, each after the name of its pod where there are several.',
        },
      ],
      isEndless: true,
    },
    problems: [
      'csrf',
      'too-many-streams',
      'instance-not-ready',
      'instance-no-crd',
      ...clusterProblems,
    ],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/logs',
      status: 200,
    },
    run(ctx, deps: { logs: DeploymentLogs }, { header, path: at, query }) {
      const isText = wantsText(header.accept)
      const body = deps.logs.open(ctx, at, query, (isSeveral) =>
        isText
          ? createTextWriter({ timestamps: query.timestamps ?? false, namesPods: isSeveral })
          : eventWriter,
      )
      return { type: isText ? plain : eventStream, body }
    },
  }),
] as const

/** Whether text is named before events, or events are not named at all. */
function wantsText(accept = ''): boolean {
  const text = accept.indexOf('text/plain')
  const stream = accept.indexOf(eventStream)
  return text !== -1 && (stream === -1 || text < stream)
}
