import { randomUUID } from 'node:crypto'
import type { ApiServer } from './api-server/server.ts'
import { kubeTime } from './controller/conditions.ts'
import { toReadyStatus } from './controller/kubelet.ts'
import { toNode, toReadiness } from './controller/nodes.ts'
import type { NodeSpec } from './controller/nodes.ts'
import { toWantedPods } from './controller/pods.ts'
import { providers } from './controller/providers.ts'
import { toDeployed, toSelected, toService } from './controller/reconcile.ts'
import { selectProvider } from './controller/selection.ts'
import type { KubeObject } from './objects.ts'
import type { WorldCluster, WorldDeployment } from './world-clusters.ts'

const gpusOfNode = 8
const podsOfNode = 100
/** One in so many nodes is cordoned, and one is not ready. */
const cordonedEvery = 40
const notReadyEvery = 90
/** One in so many deployments has failed. */
const failedEvery = 70
const owners = ['admin', 'deployer', 'mara', 'jon', 'sue'].map((sub) => `oidc:${sub}`)
const dayMs = 86_400_000
const oldestDays = 60

/**
 * Puts thousands of deployments into a cluster as the controllers would leave them, with their pods on nodes of their own:
 * one after another through the API would take many minutes.
 */
export function loadCluster(
  { crdGroup, storage }: Pick<ApiServer, 'crdGroup' | 'storage'>,
  spec: WorldCluster,
  { deployments, gpus }: { deployments: readonly WorldDeployment[]; gpus: number },
): void {
  const create = (collection: string, object: KubeObject) => {
    const metadata = { uid: randomUUID(), creationTimestamp: kubeTime(), ...object.metadata }
    return storage.create(collection, { ...object, metadata }).object
  }
  for (const name of new Set(deployments.map(({ namespace }) => namespace))) {
    if (storage.find('namespaces', '', name)) continue
    create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
  }
  const withoutGpus = deployments.filter((each) => gpusOf(each) === 0).length
  const places = createPlaces(
    loadNodes(create, spec, {
      gpus: Math.floor(gpus / gpusOfNode),
      cpus: Math.ceil(withoutGpus / podsOfNode),
    }),
  )
  for (const [index, each] of deployments.entries()) {
    const { deployment, pods, service } = settle(each, index, crdGroup, spec, places)
    create(`modeldeployments.${crdGroup}`, deployment)
    for (const pod of pods) create('pods', pod)
    create('services', service)
  }
}

type Place = { name: string; isUsable: boolean; free: number }

/** Nodes with GPUs, and nodes for pods without; those named so far stay as they are. */
function loadNodes(
  create: (collection: string, object: KubeObject) => KubeObject,
  { nodes }: WorldCluster,
  counts: { gpus: number; cpus: number },
): { gpus: Place[]; cpus: Place[] } {
  const load = (node: NodeSpec, index: number): Place => {
    const isCordoned = index % cordonedEvery === cordonedEvery - 1
    const isReady = index % notReadyEvery !== notReadyEvery - 1
    const object = toNode(node)
    const status = { ...object.status, ...(isReady && toReadiness()) }
    create('nodes', {
      ...object,
      ...(isCordoned && { spec: { ...object.spec, unschedulable: true } }),
      status,
    })
    const free = node.gpus > 0 ? node.gpus : podsOfNode
    return { name: node.name, isUsable: isReady && !isCordoned, free }
  }
  const model = { ...nodes[0]!, gpus: gpusOfNode }
  const bare = { ...model, gpus: 0, gpuProduct: '', gpuMemoryMiB: 0, pool: 'cpu' }
  const name = (pool: string, index: number) => `${pool}-pool-${String(index + 1).padStart(4, '0')}`
  return {
    gpus: Array.from({ length: counts.gpus }, (_, index) =>
      load({ ...model, name: name(`gpu-${model.pool}`, index) }, index),
    ),
    cpus: Array.from({ length: counts.cpus }, (_, index) =>
      load({ ...bare, name: name('cpu', index) }, 0),
    ),
  }
}

/** Takes room on the next node that has it, round and round; null where none does. */
function createPlaces(places: { gpus: Place[]; cpus: Place[] }) {
  const next = { gpus: 0, cpus: 0 }
  return (gpus: number): string | null => {
    const kind = gpus > 0 ? 'gpus' : 'cpus'
    const all = places[kind]
    const wanted = gpus > 0 ? gpus : 1
    for (let tried = 0; tried < all.length; tried += 1) {
      const node = all[next[kind]++ % all.length]!
      if (!node.isUsable || node.free < wanted) continue
      node.free -= wanted
      return node.name
    }
    return null
  }
}

/** What the controllers would come to, in one step. */
function settle(
  { name, namespace, spec }: WorldDeployment,
  index: number,
  crdGroup: ApiServer['crdGroup'],
  cluster: WorldCluster,
  takePlace: (gpus: number) => string | null,
): { deployment: KubeObject; pods: KubeObject[]; service: KubeObject } {
  const hasFailed = index % failedEvery === failedEvery - 1
  const age = ((index * 7919) % oldestDays) * dayMs
  const creationTimestamp = new Date(Date.now() - age).toISOString().replace(/\.\d+Z$/, 'Z')
  const fresh: KubeObject = {
    apiVersion: `${crdGroup}/v1alpha1`,
    kind: 'ModelDeployment',
    metadata: {
      name,
      namespace,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp,
      labels: { 'app.kubernetes.io/managed-by': 'airunway' },
      annotations: {
        [`${crdGroup}/created-by`]: owners[index % owners.length]!,
        // Somebody looks into it: the controllers would have it running again.
        ...(hasFailed && { [`${crdGroup}/reconcile-paused`]: 'true' }),
      },
    },
    spec,
  }
  const installed = providers.filter((each) => cluster.providers?.includes(each.name) ?? true)
  const configs = installed.map((each): KubeObject => ({
    metadata: { name: each.name },
    status: { ready: true },
  }))
  const selection = selectProvider(fresh, configs, installed)
  if (typeof selection === 'string') throw new Error(`${namespace}/${name}: ${selection}`)
  const { provider } = selection
  fresh.metadata.finalizers = [`${crdGroup}/${provider.name}-provider`]
  const selected = { ...fresh, status: toSelected(fresh, selection) }
  const wanted = toWantedPods(selected, provider)
  const pods = hasFailed ? [] : wanted.map(({ pod }, at) => place(pod, index + at, takePlace))
  const status = {
    ...selected.status,
    ...toDeployed(selected, provider, wanted, pods),
    ...(hasFailed && {
      phase: 'Failed',
      message: 'The model ran out of GPU memory while loading.',
    }),
  }
  const service = toService(fresh, provider)
  return {
    deployment: { ...selected, status },
    pods,
    service: { ...service, metadata: { ...service.metadata, namespace } },
  }
}

function place(
  pod: KubeObject,
  number: number,
  takePlace: (gpus: number) => string | null,
): KubeObject {
  const [{ resources }] = pod['spec'].containers
  const nodeName = takePlace(Number(resources?.limits?.['nvidia.com/gpu'] ?? 0))
  const metadata = { ...pod.metadata, uid: randomUUID() }
  if (nodeName === null) return { ...pod, metadata, status: { phase: 'Pending' } }
  const bound = { ...pod, metadata, spec: { ...pod['spec'], nodeName } }
  return { ...bound, status: toReadyStatus(bound, number) }
}

function gpusOf({ spec }: WorldDeployment): number {
  const { resources } = spec as { resources?: { gpu?: { count?: number } } }
  return resources?.gpu?.count ?? 0
}
