import { randomUUID } from 'node:crypto'
import { startApiServer, type ApiServer } from '@hub/demo'
import { manifest } from './clusters.ts'
import type { FarmReply, FarmRequest } from './cluster-farm.ts'

const collection = 'modeldeployments.airunway.ai'
const tickMs = 10

const servers: ApiServer[] = []
const targets: { server: ApiServer; namespace: string; name: string }[] = []
let nextTarget = 0

process.on('message', (request) => {
  void answer(request as FarmRequest).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))

async function answer(request: FarmRequest): Promise<FarmReply> {
  switch (request.type) {
    case 'start':
      return start(request)
    case 'fault':
      await servers[request.cluster]!.faults.set(request.fault)
      return { type: 'done' }
    case 'count-watches':
      return { type: 'watches', open: servers.reduce((sum, each) => sum + each.openWatches(), 0) }
    case 'update':
      return update(request.perSecond, request.seconds)
  }
}

async function start(options: {
  clusters: number
  deployments: number
  namespaces: number
}): Promise<FarmReply> {
  const namespaces = Array.from({ length: options.namespaces }, (_, index) => `team-${index}`)
  for (let index = 0; index < options.clusters; index += 1) {
    const server = await startApiServer({ name: `cluster-${index}`, historyLimit: 500 })
    servers.push(server)
    for (const name of namespaces) {
      server.storage.create('namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: metadataOf(name),
        status: { phase: 'Active' },
      })
    }
    for (let each = 0; each < options.deployments; each += 1) {
      const namespace = namespaces[each % namespaces.length]!
      const object = manifest(namespace, `model-${each}`)
      server.storage.create(collection, {
        ...object,
        metadata: { ...object.metadata, ...metadataOf(object.metadata.name) },
        status: {
          phase: 'Running',
          message: 'Deployments created, pods are ready',
          provider: { name: 'vllm' },
          engine: { type: 'vllm' },
          replicas: { desired: 1, ready: 1, available: 1 },
        },
      })
      targets.push({ server, namespace, name: object.metadata.name })
    }
  }
  // One cluster after the other, so that updates spread over all of them.
  targets.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return {
    type: 'started',
    kubeconfigs: servers.map((server) => server.kubeconfig('service-account-token')),
  }
}

function metadataOf(name: string) {
  return { name, uid: randomUUID(), creationTimestamp: new Date().toISOString(), generation: 1 }
}

async function update(perSecond: number, seconds: number): Promise<FarmReply> {
  const startedAt = performance.now()
  let updates = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - startedAt) / 1000
      const due = Math.min(Math.floor(elapsed * perSecond), perSecond * seconds)
      while (updates < due) {
        touch()
        updates += 1
      }
      if (updates < perSecond * seconds) return
      clearInterval(timer)
      resolve()
    }, tickMs)
  })
  return { type: 'updated', updates, seconds: (performance.now() - startedAt) / 1000 }
}

function touch(): void {
  const { name, namespace, server } = targets[nextTarget++ % targets.length]!
  const stored = server.storage.find(collection, namespace, name)!
  const { object } = stored
  server.storage.update(collection, stored, {
    ...object,
    status: { ...(object['status'] as object), message: `at ${Date.now()}` },
  })
}
