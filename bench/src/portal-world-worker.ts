import {
  generateDeployments,
  loadCluster,
  startApiServer,
  worldClusters,
  type ApiServer,
} from '@hub/demo'
import type { PortalWorldReply, PortalWorldRequest } from './portal-world.ts'

const tickMs = 10
/** Of so many changes one makes a deployment ready, or no longer so: it stands elsewhere then. */
const moveEvery = 10

const targets: { server: ApiServer; namespace: string; name: string }[] = []
let next = 0

process.on('message', (request) => {
  void answer(request as PortalWorldRequest).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))

async function answer(request: PortalWorldRequest): Promise<PortalWorldReply> {
  if (request.type === 'change') return await change(request.perSecond, request.seconds)
  const names = worldClusters.map(({ name }) => name)
  const generated = generateDeployments(request.deployments, names, request.gpus)
  const kubeconfigs: Record<string, string> = {}
  for (const spec of worldClusters) {
    const { crdGroup, name } = spec
    const server = await startApiServer({ name, crdGroup, historyLimit: 2_000 })
    const deployments = generated.get(name)!
    loadCluster(server, spec, { deployments, gpus: request.gpus / worldClusters.length })
    for (const each of deployments) {
      targets.push({ server, namespace: each.namespace, name: each.name })
    }
    kubeconfigs[name] = server.kubeconfig('service-account-token')
  }
  // Neighbours in a list are not neighbours in time.
  targets.sort((a, b) => (mix(a.name) < mix(b.name) ? -1 : 1))
  return { type: 'started', kubeconfigs, deployments: targets.length }
}

function mix(name: string): string {
  return name.slice(-2) + name
}

async function change(perSecond: number, seconds: number): Promise<PortalWorldReply> {
  const startedAt = performance.now()
  let changes = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsed = (performance.now() - startedAt) / 1000
      const due = Math.min(Math.floor(elapsed * perSecond), perSecond * seconds)
      for (; changes < due; changes += 1) touch()
      if (changes < perSecond * seconds) return
      clearInterval(timer)
      resolve()
    }, tickMs)
  })
  return { type: 'changed', changes }
}

function touch(): void {
  const { name, namespace, server } = targets[next++ % targets.length]!
  const collection = `modeldeployments.${server.crdGroup}`
  const stored = server.storage.find(collection, namespace, name)!
  const { object } = stored
  const status = object['status'] as { phase?: string; replicas?: object }
  const moves = next % moveEvery === 0
  server.storage.update(collection, stored, {
    ...object,
    status: {
      ...status,
      message: `at ${Date.now()}`,
      ...(moves && { phase: status.phase === 'Running' ? 'Deploying' : 'Running' }),
    },
  })
}
