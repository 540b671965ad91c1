import {
  ChatAnswer,
  ChatEvent,
  ChatInput,
  DeploymentMetrics,
  DeploymentName,
  InstanceId,
  MetricsQuery,
  ModelRoute,
  NamespaceName,
} from '@hub/shared'
import * as z from 'zod'
import { eventStream } from '#event-stream'
import { defineOperation } from '#operation'
import type { DeploymentChat } from './chat/open-chat.ts'
import { getModelRoute, type RouteDeps } from './get-route.ts'
import { getDeploymentMetrics, type MetricsDeps } from './metrics/get-metrics.ts'

const path = z.object({ instance: InstanceId, namespace: NamespaceName, name: DeploymentName })

/** What the model of a deployment does, and says. */
export const modelOperations = [
  defineOperation({
    id: 'getDeploymentMetrics',
    tag: 'Deployments',
    summary: 'How the model of a deployment is doing',
    description:
      'Requests, tokens, latency and caches, in the same words whichever engine runs it. Read every 15 s while somebody asks, and for a minute after; the first call reads once. Values are of the pod that answered; where the instance has a Prometheus, that is asked instead, for all pods.',
    policy: { permission: 'deployment.view', scope: 'namespace' },
    effect: 'read',
    use: 'background',
    tool: {
      name: 'get_deployment_metrics',
      description:
        'How the model of a deployment is doing: requests running and waiting, tokens per second, time to first token, cache use. Rates need two calls, some seconds apart.',
    },
    input: { path, query: MetricsQuery },
    output: DeploymentMetrics,
    problems: ['csrf', 'instance-not-ready'],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/metrics',
      status: 200,
    },
    run: (ctx, deps: MetricsDeps, { path: at, query }) =>
      getDeploymentMetrics(ctx, deps, at, query),
  }),
  defineOperation({
    id: 'getModelRoute',
    tag: 'Deployments',
    summary: 'How calls reach a model',
    description:
      "By the API server's service proxy, or past it where the instance's policy names addresses of its models: the address, and why it is not taken where it is not. The hub dials it first.",
    policy: { permission: 'deployment.view', scope: 'namespace' },
    effect: 'read',
    tool: {
      name: 'get_model_route',
      description:
        'How the hub reaches the model of a deployment: by the API server, or at its own address; and whether the caller may use it.',
    },
    input: { path },
    output: ModelRoute,
    problems: ['instance-not-ready', 'instance-no-crd'],
    http: {
      method: 'get',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/route',
      status: 200,
    },
    run: (ctx, deps: RouteDeps, { path: at }) => getModelRoute(ctx, deps, at),
  }),
  defineOperation({
    id: 'chatWithDeployment',
    tag: 'Deployments',
    summary: 'Ask the model of a deployment',
    description:
      'The answer once it is whole, or for `Accept: text/event-stream` as it is made. Who asked is in the audit log; what was asked and answered is neither stored nor logged. Programs call models by `/v1`.',
    policy: { permission: 'deployment.chat', scope: 'namespace' },
    // It changes nothing of the hub's.
    effect: 'read',
    tool: {
      name: 'ask_model',
      description:
        'Asks the model of a deployment, and answers with its text: to try whether it does what it should. Give messages, or for a base model a prompt. Set max_tokens, so that it ends.',
    },
    input: { path, body: ChatInput },
    output: {
      json: ChatAnswer,
      events: {
        type: eventStream,
        description: 'Server-sent events: `event` is the type, `data` the JSON of the rest.',
        items: ChatEvent,
      },
    },
    problems: ['instance-not-ready', 'instance-no-crd', 'too-many-streams', 'too-many-requests'],
    http: {
      method: 'post',
      path: '/api/instances/:instance/namespaces/:namespace/deployments/:name/chat',
      status: 200,
    },
    run: async (ctx, deps: { chat: DeploymentChat }, { body, path: at, wantsEvents = false }) =>
      wantsEvents
        ? { type: eventStream, body: await deps.chat.open(ctx, at, body) }
        : deps.chat.answer(ctx, at, body),
  }),
] as const
