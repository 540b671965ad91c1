import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { createModelLoad, startApiServer, type ApiServer } from '@hub/demo'
import { model, place, type ModelFarmReply, type ModelFarmRequest } from './model-farm.ts'

const { namespace, port, service } = place
const text = 'A model of no size at all says what every model says first. '.repeat(5)
type Asked = { stream?: boolean; max_tokens?: number; seed?: number; top_k?: number }
const usage = { prompt_tokens: 12, completion_tokens: 60, total_tokens: 72 }
const base = { id: 'chatcmpl-1', created: 1_700_000_000, model }
const whole = JSON.stringify({
  ...base,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage,
})
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const word = chunk({ content: 'word ' })
const end = `${chunk({}, 'stop')}data: ${JSON.stringify({ ...base, choices: [], usage })}\n\ndata: [DONE]\n\n`

process.once('message', (request) => {
  void start(request as ModelFarmRequest).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))

async function start({ clusters }: ModelFarmRequest): Promise<ModelFarmReply> {
  const started = []
  for (let index = 0; index < clusters; index += 1) {
    const server = await startApiServer({ webhooks: false })
    addModel(server)
    const kubeconfig = server.kubeconfig('service-account-token')
    const modelUrl = `${/server: (\S+)/.exec(kubeconfig)![1]!}/api/v1/namespaces/${namespace}/services/http:${service}:${port}/proxy/v1`
    started.push({ kubeconfig, modelUrl, token: /token: (\S+)/.exec(kubeconfig)![1]! })
  }
  return { clusters: started }
}

/**
 * `max_tokens` says how many words a stream has, `seed` how many milliseconds lie between them, and `top_k` how many
 * before the first.
 */
async function answer(path: string, request: IncomingMessage, response: ServerResponse) {
  if (path === '/v1/models') return response.end(JSON.stringify({ data: [{ id: model }] }))
  const asked = (await json(request)) as Asked
  if (!asked.stream) {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(whole)
  }
  if (asked.top_k) await delay(asked.top_k)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let sent = 0; sent < (asked.max_tokens ?? 20) && !response.destroyed; sent += 1) {
    response.write(word)
    await delay(asked.seed ?? 100)
  }
  return response.end(end)
}

function addModel(server: ApiServer): void {
  const time = new Date().toISOString()
  const metadata = (name: string, uid: string) => ({ name, uid, creationTimestamp: time })
  const labels = { 'airunway.ai/deployment': service }
  server.storage.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: metadata(namespace, 'n'),
    status: { phase: 'Active' },
  })
  server.storage.create('inferenceproviderconfigs.airunway.ai', {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'InferenceProviderConfig',
    metadata: metadata('vllm', 'r'),
    status: { ready: true, lastHeartbeat: time },
  })
  server.storage.create('modeldeployments.airunway.ai', {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { ...metadata(service, 'd'), namespace, generation: 1 },
    spec: { model: { id: 'Qwen/Qwen3-8B', servedName: model }, scaling: { replicas: 1 } },
    status: {
      phase: 'Running',
      observedGeneration: 1,
      provider: { name: 'vllm' },
      endpoint: { service, port },
      replicas: { desired: 1, ready: 1, available: 1 },
    },
  })
  server.storage.create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata(service, 's'), namespace },
    spec: { selector: labels, ports: [{ name: 'http', port, targetPort: port }] },
  })
  server.storage.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata(`${service}-new-a`, 'p'),
      namespace,
      labels: { ...labels, 'pod-template-hash': 'new' },
    },
    spec: { nodeName: 'gpu-1', containers: [{ name: 'vllm', args: ['--model', model] }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'vllm', ready: true, restartCount: 0, state: { running: { startedAt: time } } },
      ],
    },
  })
  server.models.set(`${namespace}/${service}`, {
    id: model,
    load: createModelLoad(),
    handle: (path, request, response) => void answer(path, request, response),
  })
}
