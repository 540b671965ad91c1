import { createKubeClient, KubeError } from '../client.ts'
import { presentGroup } from '../crd-group.ts'
import type { CrdGroup } from '../crd-group.ts'
import type { KubeObject } from '../objects.ts'
import { kubeTime } from './conditions.ts'
import { isSilent } from './faults.ts'
import { keyOf, startInformer } from './informer.ts'
import type { Informer } from './informer.ts'
import { startKubelets } from './kubelet.ts'
import { demoNodes, ensureNodes } from './nodes.ts'
import type { NodeSpec } from './nodes.ts'
import { providers as allProviders, toProviderConfig } from './providers.ts'
import type { Provider } from './providers.ts'
import { reconcile } from './reconcile.ts'
import type { World } from './reconcile.ts'
import { demoTimeline } from './timeline.ts'
import type { Timeline } from './timeline.ts'
import { createWorkQueue } from './work-queue.ts'

export type ControllerOptions = {
  /** A cluster admin's kubeconfig. */
  kubeconfig: string
  /** The group of the cluster's CRDs. Default: airunway.ai. */
  crdGroup?: CrdGroup
  timeline?: Timeline
  nodes?: readonly NodeSpec[]
  /** Names of the runtimes to register; default: all that are known. */
  providers?: readonly string[]
  /** Off where a real scheduler and kubelets (or kwok) look after pods and nodes. */
  playsNodes?: boolean
  /** Whether runtimes make more than pods: only where nothing else makes pods of that, and their CRDs are served. */
  makesObjects?: boolean
  log?: (message: string) => void
}

export type Controller = { stop(): Promise<void> }

const setupRetryMs = 500

const retryCreateMs = 2_000

/** AI Runway's controllers, providers and, unless told otherwise, the nodes: as a client of the API. */
export function startController(options: ControllerOptions): Controller {
  const { timeline = demoTimeline, nodes = demoNodes, playsNodes = true, log = () => {} } = options
  const crdGroup = options.crdGroup ?? presentGroup
  const group = `/apis/${crdGroup}/v1alpha1`
  const providers = allProviders.filter(
    (provider) => options.providers?.includes(provider.name) ?? true,
  )
  const client = createKubeClient(options.kubeconfig)
  const stages = new Map<string, { stage: string; since: number }>()
  const podsByOwner = new Map<string, Map<string, KubeObject>>()
  const queue = createWorkQueue(
    async (key) => {
      // With half a view, pods that exist would look missing and replicas unready.
      await Promise.all([pods.ready, configs.ready])
      const [namespace, name] = key.split('/') as [string, string]
      const deployment = deployments.get(namespace, name)
      if (deployment) await reconcile(world, deployment)
    },
    (key, error) => log(`ModelDeployment ${key}: ${describe(error)}`),
  )

  const world: World = {
    client,
    providers,
    written: options.makesObjects ? new Map() : null,
    configs: () => configs.list(),
    retryLater: ({ metadata }) => queue.enqueue(keyOf(metadata), retryCreateMs),
    podsOf: ({ metadata }) => [...(podsByOwner.get(metadata.uid!)?.values() ?? [])],
    isDue: (deployment, stage, since = '') => {
      const key = `${deployment.metadata.uid} ${stage}`
      const lastsMs = {
        select: timeline.selectMs,
        deploy: timeline.deployMs,
        sync: timeline.syncMs,
      }[stage]
      if (stages.get(key)?.stage !== since) stages.set(key, { stage: since, since: Date.now() })
      const remainingMs = lastsMs - (Date.now() - stages.get(key)!.since)
      if (remainingMs > 0) queue.enqueue(keyOf(deployment.metadata), remainingMs)
      return remainingMs <= 0
    },
  }
  const keepOwned = (owner: string, pod: KubeObject, isDeleted: boolean) => {
    const owned = podsByOwner.get(owner) ?? new Map<string, KubeObject>()
    if (isDeleted) owned.delete(keyOf(pod.metadata))
    else owned.set(keyOf(pod.metadata), pod)
    if (owned.size > 0) podsByOwner.set(owner, owned)
    else podsByOwner.delete(owner)
  }
  const kubelets = playsNodes
    ? startKubelets({ client, pods: () => pods, nodes: () => nodeInformer, timeline, log })
    : undefined

  const deployments: Informer = startInformer(
    client,
    `${group}/modeldeployments`,
    (object, isDeleted) => {
      if (!isDeleted) queue.enqueue(keyOf(object.metadata))
      else
        for (const stage of ['select', 'deploy', 'sync'])
          stages.delete(`${object.metadata.uid} ${stage}`)
    },
  )
  const pods: Informer = startInformer(client, '/api/v1/pods', (pod, isDeleted) => {
    kubelets?.podChanged(pod, isDeleted)
    for (const owner of pod.metadata.ownerReferences ?? []) {
      keepOwned(owner.uid, pod, isDeleted)
      if (owner.kind === 'ModelDeployment') queue.enqueue(`${pod.metadata.namespace}/${owner.name}`)
    }
  })
  const configs: Informer = startInformer(client, `${group}/inferenceproviderconfigs`, () => {
    for (const deployment of deployments.list()) {
      if (deployment.status?.provider?.name === undefined) queue.enqueue(keyOf(deployment.metadata))
    }
  })
  const nodeInformer: Informer = startInformer(client, '/api/v1/nodes', () =>
    kubelets?.nodesChanged(),
  )

  const setup = createWorkQueue(
    async (key) => {
      if (key === 'nodes') await ensureNodes(client, nodes)
      else {
        await beat(providers.find((provider) => provider.name === key)!)
        setup.enqueue(key, timeline.heartbeatMs)
      }
    },
    (key, error) => log(`${key}: ${describe(error)}; trying again in ${setupRetryMs} ms`),
  )
  const beat = async (provider: Provider) => {
    const known = configs.get('', provider.name)
    if (known && isSilent(known)) return
    await createIfAbsent(toProviderConfig(provider, crdGroup))
    await client.request('PATCH', `${group}/inferenceproviderconfigs/${provider.name}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { ready: true, version: provider.version, lastHeartbeat: kubeTime() } },
    })
  }
  const createIfAbsent = async (config: KubeObject) => {
    if (configs.get('', config.metadata.name)) return
    const response = await client.raw('POST', `${group}/inferenceproviderconfigs`, { body: config })
    if (response.status >= 400 && response.body.reason !== 'AlreadyExists') {
      throw new KubeError(response.body)
    }
  }
  if (playsNodes) setup.enqueue('nodes')
  for (const provider of providers) setup.enqueue(provider.name)
  const informers = [deployments, pods, configs, nodeInformer]
  return {
    stop: async () => {
      await Promise.all([setup.stop(), queue.stop(), kubelets?.stop()])
      await Promise.all(informers.map((informer) => informer.stop()))
      await client.close()
    },
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
