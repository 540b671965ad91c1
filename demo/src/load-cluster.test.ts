import { expect, onTestFinished, test, vi } from 'vitest'
import { startApiServer } from './api-server/server.ts'
import { createKubeClient } from './client.ts'
import { startController } from './controller/controller.ts'
import { fastTimeline } from './controller/timeline.ts'
import { generateDeployments } from './generated-deployments.ts'
import { loadCluster } from './load-cluster.ts'
import type { KubeObject } from './objects.ts'
import { seedCluster } from './seed-cluster.ts'
import { worldClusters } from './world-clusters.ts'

const west = worldClusters.find(({ name }) => name === 'demo-west')!
const count = 300
const gpus = 160

test('what is loaded is as the controllers would leave it: they change none of it', async () => {
  const cluster = await startApiServer({ name: west.name, crdGroup: west.crdGroup })
  onTestFinished(cluster.stop)
  const deployments = generateDeployments(count, [west.name], gpus).get(west.name)!
  loadCluster(cluster, west, { deployments, gpus })
  const kubeconfig = cluster.kubeconfig('client-certificate')
  const client = createKubeClient(kubeconfig)
  onTestFinished(client.close)
  const read = async (path: string): Promise<KubeObject[]> =>
    (await client.request('GET', path)).items
  const readAll = async () => ({
    deployments: await read('/apis/airunway.ai/v1alpha1/modeldeployments'),
    pods: await read('/api/v1/pods'),
  })
  const loaded = await readAll()
  const controller = startController({ kubeconfig, timeline: fastTimeline, nodes: west.nodes })
  onTestFinished(controller.stop)
  // Once a later one runs, all that were there before it have been looked at.
  await seedCluster(cluster, west.deployments, 60_000)
  const known = (items: KubeObject[], all: KubeObject[]) => {
    const uids = new Set(all.map(({ metadata }) => metadata.uid))
    return items.filter(({ metadata }) => uids.has(metadata.uid))
  }
  const waiting = (pod: KubeObject) => pod['spec'].nodeName === undefined
  await vi.waitFor(async () => {
    const now = await readAll()
    expect(known(now.deployments, loaded.deployments)).toEqual(loaded.deployments)
    const settled = loaded.pods.filter((pod) => !waiting(pod))
    expect(known(now.pods, settled)).toEqual(settled)
  })

  const phases = loaded.deployments.map(({ status }) => status.phase)
  expect(phases).toHaveLength(count)
  expect(new Set(phases)).toEqual(new Set(['Running', 'Deploying', 'Failed']))
  expect(phases.filter((phase) => phase === 'Running').length).toBeGreaterThan(count * 0.9)

  const nodes = new Map(
    (await read('/api/v1/nodes')).map((node) => [node.metadata.name, node] as const),
  )
  const held = new Map<string, number>()
  for (const { spec } of loaded.pods) {
    const wanted = Number(spec.containers[0].resources.limits['nvidia.com/gpu'] ?? 0)
    if (spec.nodeName) held.set(spec.nodeName, (held.get(spec.nodeName) ?? 0) + wanted)
  }
  const offered = (name: string) =>
    Number(nodes.get(name)!['status'].allocatable['nvidia.com/gpu'] ?? 0)
  for (const [name, wanted] of held) expect(wanted).toBeLessThanOrEqual(offered(name))
  const total = [...held.values()].reduce((sum, each) => sum + each, 0)
  expect(total).toBeGreaterThan(gpus / 2)
}, 60_000)
