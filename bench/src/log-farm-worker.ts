import { startApiServer, type ApiServer } from '@hub/demo'
import type { LogFarmReply, LogFarmRequest } from './log-farm.ts'

const tickMs = 20
const namespace = 'default'

let server: ApiServer
let pods: string[] = []
const written = new Map<string, number>()

process.on('message', (request) => {
  void answer(request as LogFarmRequest).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))

async function answer(request: LogFarmRequest): Promise<LogFarmReply> {
  if (request.type === 'write') {
    await write(request.perSecond, request.seconds)
    return { type: 'done' }
  }
  return start(request.pods)
}

async function start(count: number): Promise<LogFarmReply> {
  server = await startApiServer({ webhooks: false })
  pods = Array.from({ length: count }, (_, index) => `llama-new-${index}`)
  const now = new Date().toISOString()
  server.storage.create('modeldeployments.airunway.ai', {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name: 'llama', namespace, uid: 'u-llama', creationTimestamp: now, generation: 1 },
    spec: { model: { id: 'a/b' }, scaling: { replicas: count } },
    status: { phase: 'Running', provider: { name: 'vllm' } },
  })
  for (const name of pods) {
    server.storage.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        uid: `u-${name}`,
        creationTimestamp: now,
        labels: { 'airunway.ai/deployment': 'llama', 'pod-template-hash': 'new' },
      },
      spec: { nodeName: 'gpu-1', containers: [{ name: 'vllm' }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'vllm', ready: true, restartCount: 0, state: { running: { startedAt: now } } },
        ],
      },
    })
    server.logs.write({ namespace, name }, 'begins\n')
  }
  return {
    type: 'started',
    kubeconfig: server.kubeconfig('service-account-token'),
    administrator: server.kubeconfig('client-certificate'),
  }
}

/** Numbered lines of about 120 bytes, the same number for each pod. */
async function write(perSecond: number, seconds: number): Promise<void> {
  const startedAt = performance.now()
  let lines = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - startedAt) / 1000
      const due = Math.min(Math.floor(elapsed * perSecond), perSecond * seconds)
      for (; lines < due; lines += 1) {
        const name = pods[lines % pods.length]!
        const number = (written.get(name) ?? 0) + 1
        written.set(name, number)
        const text = `INFO line ${number} ${'x'.repeat(100)}\n`
        server.logs.write({ namespace, name }, text)
      }
      if (lines < perSecond * seconds) return
      clearInterval(timer)
      resolve()
    }, tickMs)
  })
}
