import { startControlPlane, type KubeClient } from '@hub/demo'
import { deploymentStates, type DeploymentState } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Instances } from '#clusters'
import type { DeploymentDeps } from '../src/deployments/deps.ts'
import { listRuntimeObjects } from '../src/deployments/list-runtime-objects.ts'
import type { Fleet } from '../src/fleet/fleet.ts'
import { contextOf, grant } from '../test/contexts.ts'
import { soon, watchCluster } from '../test/watched-cluster.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
const group = '/apis/airunway.ai/v1alpha1'
const gpu = 'nvidia.com/gpu'
const merge = 'application/merge-patch+json'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Every state of the closed set but `unknown`, which the CRD allows no object to have. */
describe.skipIf(!assets)('states on a real control plane (KUBEBUILDER_ASSETS)', () => {
  const undo: (() => unknown)[] = []
  const named = new Set<DeploymentState>()
  let client: KubeClient
  let fleet: Fleet
  let instances: Instances

  beforeAll(async () => {
    const cluster = await startControlPlane({
      assets: assets!,
      scheduler: true,
      controllers: true,
      kwok: true,
    })
    ;({ client, fleet, instances } = await watchCluster(cluster, undo))
    await runtime('vllm', { ready: true, lastHeartbeat: time(0) })
    await vi.waitFor(() => expect(fleet.capacityOf('prod').gpus?.length).toBeGreaterThan(0), soon)
  })
  afterAll(async () => {
    for (const step of undo.toReversed()) await step()
  })

  const place = (namespace: string, name: string) =>
    `${group}/namespaces/${namespace}/modeldeployments/${name}`
  const patch = (path: string, body: object) =>
    client.request('PATCH', path, { body, contentType: merge })

  async function runtime(name: string, status: object) {
    const object = {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'InferenceProviderConfig',
      metadata: { name },
      spec: { capabilities: { engines: [] } },
    }
    await client.request('POST', `${group}/inferenceproviderconfigs`, { body: object })
    await patch(`${group}/inferenceproviderconfigs/${name}/status`, { status })
  }

  async function addNamespace(name: string, labels: Record<string, string> = {}) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
    await client.request('POST', '/api/v1/namespaces', { body })
  }

  /** A ModelDeployment with the status that its runtime's controller would write. */
  async function deploy(
    namespace: string,
    name: string,
    { metadata = {}, spec = {}, status = {} }: Record<string, object> = {},
  ) {
    const body = {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name, namespace, ...metadata },
      spec: { model: { id: 'a/b' }, provider: { name: 'vllm' }, ...spec },
    }
    await client.request('POST', `${group}/namespaces/${namespace}/modeldeployments`, { body })
    const phase = { phase: 'Deploying', observedGeneration: 1, provider: { name: 'vllm' } }
    await patch(`${place(namespace, name)}/status`, { status: { ...phase, ...status } })
  }

  /** What the vLLM runtime makes of it: an apps/v1 Deployment of its name. */
  async function work(
    namespace: string,
    name: string,
    of: { replicas?: number; pod?: object; container?: object } = {},
  ) {
    const labels = { 'airunway.ai/deployment': name, app: name }
    const container = { name: 'vllm', image: 'mirror.local/vllm:v1', ...of.container }
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        replicas: of.replicas ?? 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels },
          spec: { tolerations: [{ operator: 'Exists' }], containers: [container], ...of.pod },
        },
      },
    }
    await client.request('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, { body })
  }

  const gpus = (count: number) => ({ resources: { limits: { [gpu]: String(count) } } })
  const asking = (count: number, replicas = 1) => ({
    resources: { gpu: { count, type: gpu } },
    scaling: { replicas },
  })

  async function expectState(
    namespace: string,
    name: string,
    state: DeploymentState,
    words: RegExp,
  ) {
    await vi.waitFor(() => {
      const { sentence, state: now } = fleet.get('prod', namespace, name)!
      expect([now, sentence]).toEqual([state, expect.stringMatching(words)])
    }, soon)
    const told = fleet.explain('prod', namespace, name)!
    expect([told.state, told.evidence.length > 0]).toEqual([state, true])
    named.add(state)
  }

  /** A pod of it once its node runs it. */
  async function runningPod(namespace: string, name: string): Promise<string> {
    let pod = ''
    await vi.waitFor(async () => {
      const { items } = await client.request(
        'GET',
        `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`,
      )
      expect(items[0]?.status?.phase).toBe('Running')
      pod = items[0].metadata.name as string
    }, soon)
    return pod
  }

  /** As a kubelet reports a container: kwok runs none that could fail. */
  async function report(namespace: string, name: string, container: object) {
    await work(namespace, name, { container: gpus(1) })
    const pod = await runningPod(namespace, name)
    const status = {
      conditions: [
        { type: 'Ready', status: 'False' },
        { type: 'PodScheduled', status: 'True' },
      ],
      containerStatuses: [
        { name: 'vllm', image: 'x', imageID: '', ready: false, restartCount: 0, ...container },
      ],
    }
    await patch(`/api/v1/namespaces/${namespace}/pods/${pod}/status`, { status })
  }

  test('running, and partly running where there is room for some', async () => {
    await addNamespace('run')
    await deploy('run', 'well', { spec: asking(1, 2) })
    await work('run', 'well', { replicas: 2, container: gpus(1) })
    await expectState('run', 'well', 'running', /All 2 replicas run/)
    const provider = { name: 'vllm', resourceKind: 'Deployment', resourceName: 'well' }
    await patch(`${place('run', 'well')}/status`, { status: { provider } })
    await vi.waitFor(async () => {
      const at = { instance: 'prod', namespace: 'run', name: 'well' }
      const ctx = contextOf([grant('viewer')])
      const deps = { instances } as unknown as DeploymentDeps
      const [made] = (await listRuntimeObjects(ctx, deps, at)).items
      expect(made?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Available', status: 'True' }),
      )
      expect(made?.status).toContain('readyReplicas: 2\n')
    }, soon)
    const pods = fleet.explainPods('prod', 'run', 'well').items
    expect(pods?.map(({ pod }) => typeof pod.detail?.scheduledAt)).toEqual(['string', 'string'])
    const largest = Math.max(...fleet.capacityOf('prod').gpus!.map(({ free }) => free ?? 0))
    const total = fleet.capacityOf('prod').gpus!.reduce((sum, { free }) => sum + (free ?? 0), 0)
    expect(largest).toBeGreaterThan(0)
    await deploy('run', 'some', { spec: asking(1, total + 2) })
    await work('run', 'some', { replicas: total + 2, container: gpus(1) })
    await expectState(
      'run',
      'some',
      'partly-running',
      new RegExp(`${total} of ${total + 2} replicas run; it waits for GPUs`),
    )
    await client.request('DELETE', '/apis/apps/v1/namespaces/run/deployments/some')
    await client.request('DELETE', place('run', 'some'))
  })

  test('waiting for GPUs, for a node, for a volume', async () => {
    await addNamespace('wait')
    await deploy('wait', 'large', { spec: asking(16) })
    await work('wait', 'large', { container: gpus(16) })
    await expectState(
      'wait',
      'large',
      'waiting-for-gpus',
      /needs 16 of nvidia\.com\/gpu on one node, and the largest free block is \d/,
    )
    await deploy('wait', 'hungry')
    await work('wait', 'hungry', { container: { resources: { requests: { memory: '900Ti' } } } })
    await expectState('wait', 'hungry', 'waiting-for-node', /Insufficient memory/)
    await deploy('wait', 'bare')
    await work('wait', 'bare', {
      pod: { volumes: [{ name: 'm', persistentVolumeClaim: { claimName: 'models' } }] },
    })
    await expectState('wait', 'bare', 'volume-missing', /persistentvolumeclaim "models" not found/)
  })

  test('a quota that is used up, an update that it holds, pods that a policy refuses', async () => {
    await addNamespace('quota')
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'gpus', namespace: 'quota' },
      spec: { hard: { [`requests.${gpu}`]: '2' } },
    }
    await client.request('POST', '/api/v1/namespaces/quota/resourcequotas', { body: quota })
    await vi.waitFor(async () => {
      const { status } = await client.request('GET', '/api/v1/namespaces/quota/resourcequotas/gpus')
      expect(status.hard).toBeDefined()
    }, soon)
    await deploy('quota', 'pair', {
      spec: asking(1, 2),
      status: { phase: 'Running', replicas: { desired: 2, ready: 2 } },
    })
    await work('quota', 'pair', { replicas: 2, container: gpus(1) })
    await expectState('quota', 'pair', 'running', /All 2/)
    // Its controller counts by what it has seen, and until it has seen both there is room for a third.
    await vi.waitFor(async () => {
      const { status } = await client.request('GET', '/api/v1/namespaces/quota/resourcequotas/gpus')
      expect(status.used).toEqual({ [`requests.${gpu}`]: '2' })
    }, soon)
    await deploy('quota', 'third', { spec: asking(1) })
    await work('quota', 'third', { container: gpus(1) })
    await expectState(
      'quota',
      'third',
      'quota-used-up',
      /quota gpus of namespace quota is used up: 2 of 2/i,
    )
    const template = { spec: { template: { metadata: { annotations: { changed: 'yes' } } } } }
    await patch('/apis/apps/v1/namespaces/quota/deployments/pair', template)
    await expectState(
      'quota',
      'pair',
      'update-blocked',
      /2 replicas of the version before serve on.*quota gpus/,
    )

    await addNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await deploy('strict', 'refused')
    await work('strict', 'refused')
    await expectState('strict', 'refused', 'failed', /pods cannot be made: .*violates PodSecurity/)
  })

  test('what kubelets report: crashes, images, secrets', async () => {
    await addNamespace('kubelet')
    await deploy('kubelet', 'crash', { spec: asking(1) })
    await report('kubelet', 'crash', {
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    })
    await expectState('kubelet', 'crash', 'crashing', /exit 137, out of memory; 4 restarts/)
    await deploy('kubelet', 'image', { spec: asking(1) })
    await report('kubelet', 'image', {
      state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } },
    })
    await expectState('kubelet', 'image', 'image-not-pulled', /cannot be pulled/)
    await deploy('kubelet', 'secret', {
      spec: { ...asking(1), secrets: { huggingFaceToken: 'hf' } },
    })
    await report('kubelet', 'secret', {
      state: {
        waiting: { reason: 'CreateContainerConfigError', message: 'secret "hf" not found' },
      },
    })
    await expectState('kubelet', 'secret', 'secret-missing', /token for its gated model is missing/)
  })

  test('controllers: not yet, behind, silent, not ready, not there', async () => {
    await addNamespace('control')
    const fresh = {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: { name: 'fresh', namespace: 'control' },
      spec: { model: { id: 'a/b' }, provider: { name: 'vllm' } },
    }
    await client.request('POST', `${group}/namespaces/control/modeldeployments`, { body: fresh })
    await expectState('control', 'fresh', 'starting', /has not looked at it yet/)
    await deploy('control', 'load', {
      status: {
        phase: 'Pending',
        conditions: [
          {
            type: 'ModelDownloaded',
            status: 'False',
            reason: 'DownloadInProgress',
            message: 'Model download in progress',
            lastTransitionTime: time(120),
          },
        ],
      },
    })
    await expectState('control', 'load', 'downloading-model', /for 2 min now/)
    await deploy('control', 'behind')
    await patch(place('control', 'behind'), { spec: { scaling: { replicas: 2 } } })
    await expectState('control', 'behind', 'change-not-seen', /generation 2, observed 1/)
    await deploy('control', 'paused', {
      metadata: { annotations: { 'airunway.ai/reconcile-paused': 'true' } },
    })
    await expectState('control', 'paused', 'paused', /leave it alone/)
    await runtime('llmd', { ready: true, lastHeartbeat: time(360) })
    await deploy('control', 'alone', {
      spec: { provider: { name: 'llmd' } },
      status: { phase: 'Pending', provider: { name: 'llmd' } },
    })
    await expectState('control', 'alone', 'not-reconciled', /last sign was 6 min ago/)
    await runtime('kaito', { ready: false, lastHeartbeat: time(0) })
    await deploy('control', 'unready', {
      spec: { provider: { name: 'kaito' } },
      status: { phase: 'Pending', provider: { name: 'kaito' } },
    })
    await expectState('control', 'unready', 'runtime-not-ready', /says that it is not ready/)
    await deploy('control', 'nowhere', {
      spec: { provider: { name: 'dynamo' } },
      status: { phase: 'Pending', provider: { name: 'dynamo' } },
    })
    await expectState('control', 'nowhere', 'runtime-missing', /dynamo is not installed here/)
  })

  test('deleted: on its way, and held', async () => {
    await addNamespace('gone')
    await deploy('gone', 'own', { metadata: { finalizers: ['airunway.ai/vllm-provider'] } })
    await client.request('DELETE', place('gone', 'own'))
    await expectState('gone', 'own', 'deleting', /being deleted/)
    await deploy('gone', 'held', { metadata: { finalizers: ['example.com/holds-it'] } })
    await client.request('DELETE', place('gone', 'held'))
    await expectState('gone', 'held', 'deletion-held', /held by finalizer example\.com\/holds-it/)
  })

  test('all of them were made', () => {
    expect([...named].toSorted()).toEqual(
      deploymentStates.filter((state) => state !== 'unknown').toSorted(),
    )
  })
})

function time(secondsAgo: number): string {
  return new Date(Date.now() - secondsAgo * 1_000).toISOString().replace(/\.\d+Z$/, 'Z')
}
