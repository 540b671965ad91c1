import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clusterKinds, eventually, expectRealClusterInCi } from '../../test/clusters.ts'
import { startApiServer } from '../api-server/server.ts'
import type { ApiServer } from '../api-server/server.ts'
import { createKubeClient } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { Cluster } from '../cluster.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { startController } from './controller.ts'
import type { Controller } from './controller.ts'
import { fastTimeline } from './timeline.ts'

expectRealClusterInCi()

const path = '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments'
const pods = '/api/v1/namespaces/default/pods'
const mergePatch = 'application/merge-patch+json'
const waitMs = 15_000

describe.each(clusterKinds)('controller on $title', ({ start, isSkipped }) => {
  describe.skipIf(isSkipped)('walks ModelDeployments', () => {
    let cluster: Cluster
    let admin: KubeClient
    let controller: Controller
    const problems: string[] = []

    beforeAll(async () => {
      cluster = await start()
      admin = createKubeClient(cluster.kubeconfig('client-certificate'))
      controller = startController({
        kubeconfig: cluster.kubeconfig('client-certificate'),
        timeline: fastTimeline,
        log: (problem) => problems.push(problem),
      })
      await eventually(async () => {
        const { items } = await admin.request(
          'GET',
          '/apis/airunway.ai/v1alpha1/inferenceproviderconfigs',
        )
        expect(items.filter((item: KubeObject) => item['status']?.ready)).toHaveLength(5)
        expect((await admin.request('GET', '/api/v1/nodes')).items).toHaveLength(3)
      }, waitMs)
    }, 90_000)
    afterAll(async () => {
      await controller?.stop()
      await admin?.close()
      await cluster?.stop()
    }, 30_000)

    const create = (name: string, spec: object) =>
      admin.request('POST', path, { body: toDeployment(name, spec) })
    const get = (name: string) => admin.request('GET', `${path}/${name}`)
    const scale = (name: string, replicas: number) =>
      admin.request('PATCH', `${path}/${name}`, {
        body: { spec: { scaling: { replicas } } },
        contentType: mergePatch,
      })
    const podsOf = async (name: string): Promise<KubeObject[]> => {
      const { items } = await admin.request('GET', pods)
      return items.filter((pod: KubeObject) => pod.metadata.ownerReferences?.[0]?.name === name)
    }
    const expectStatus = (name: string, status: object) =>
      eventually(async () => expect((await get(name)).status).toMatchObject(status), waitMs)

    test('nodes are Ready, untainted, and have GPUs and their labels', async () => {
      await eventually(async () => {
        const { items } = await admin.request('GET', '/api/v1/nodes')
        for (const { metadata, spec, status } of items) {
          expect(spec.taints).toBeUndefined()
          expect(Number(status.allocatable['nvidia.com/gpu'])).toBeGreaterThan(0)
          expect(metadata.labels['nvidia.com/gpu.product']).toMatch(/^NVIDIA-/)
          expect(status.conditions).toContainEqual(
            expect.objectContaining({ type: 'Ready', status: 'True' }),
          )
        }
      }, waitMs)
    })

    test('from Pending by Deploying to Running, replica by replica', async () => {
      const seen: string[] = []
      const abort = new AbortController()
      const { metadata } = await admin.request('GET', path, { query: { limit: 1 } })
      const query = {
        resourceVersion: metadata.resourceVersion,
        fieldSelector: 'metadata.name=steps',
      }
      const watching = (async () => {
        for await (const { object } of admin.watch(path, { query, signal: abort.signal })) {
          const { phase, replicas } = object.status ?? {}
          const step = `${phase} ${replicas?.ready ?? '-'}/${replicas?.desired ?? '-'}`
          if (seen.at(-1) !== step) seen.push(step)
          if (phase === 'Running') return
        }
      })()
      await create('steps', {
        model: { id: 'a/b' },
        provider: { name: 'llmd' },
        engine: { type: 'vllm' },
        scaling: { replicas: 2 },
        resources: { gpu: { count: 1 } },
      })
      await watching
      abort.abort()
      expect(seen.slice(0, 3)).toEqual(['undefined -/-', 'Pending -/-', 'Deploying 0/2'])
      expect(seen.at(-1)).toBe('Running 2/2')
      const { status, metadata: final } = await get('steps')
      expect(final.finalizers).toEqual(['airunway.ai/llmd-provider'])
      expect(status).toMatchObject({
        observedGeneration: final.generation,
        provider: { name: 'llmd', resourceName: 'steps', resourceKind: 'Deployment' },
        engine: { type: 'vllm', selectedReason: 'explicit engine selection' },
        endpoint: { service: 'steps', port: 8000 },
        replicas: { desired: 2, ready: 2, available: 2 },
        message: 'Deployments created, pods are ready',
      })
      const conditions = status.conditions.map(
        (each: Untyped) => `${each.type} ${each.status} ${each.reason}`,
      )
      expect(conditions).toEqual([
        'Validated True ValidationPassed',
        'EngineSelected True ExplicitSelection',
        'ProviderSelected True ExplicitSelection',
        'ProviderCompatible True CompatibilityVerified',
        'ResourceCreated True ResourceCreated',
        'Ready True DeploymentReady',
      ])
    }, 30_000)

    test('pods carry the labels of their runtime, belong to the deployment and run on a node', async () => {
      await create('labelled', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('labelled', { phase: 'Running' })
      const [pod] = await podsOf('labelled')
      expect(pod!.metadata.labels).toEqual({
        'airunway.ai/deployment': 'labelled',
        app: 'labelled',
        'pod-template-hash': expect.any(String),
        // Kubernetes adds where the node is.
        'topology.kubernetes.io/region': 'demo-east',
        'topology.kubernetes.io/zone': 'demo-east-1',
      })
      expect(pod!.metadata.ownerReferences![0]).toMatchObject({
        kind: 'ModelDeployment',
        controller: true,
      })
      expect(pod!['spec'].nodeName).toMatch(/^gpu-/)
      expect(pod!['status']).toMatchObject({
        phase: 'Running',
        podIP: expect.stringMatching(/^10\.244\./),
      })
    }, 30_000)

    test('selects engine and runtime when the user does not', async () => {
      await create('auto', { model: { id: 'a/b' }, resources: { gpu: { count: 0 } } })
      await expectStatus('auto', {
        phase: 'Running',
        provider: { name: 'kaito', resourceKind: 'Workspace' },
        engine: {
          type: 'llamacpp',
          selectedReason: 'auto-selected from provider kaito capabilities',
        },
      })
    }, 30_000)

    test('says why when nothing fits', async () => {
      await create('unfit', {
        model: { id: 'a/b' },
        engine: { type: 'trtllm' },
        resources: { gpu: { count: 0 } },
      })
      const message = 'no compatible provider found for this configuration'
      await expectStatus('unfit', { phase: 'Pending', message })
    }, 30_000)

    test('prefill and decode pods when disaggregated', async () => {
      const part = { replicas: 1, gpu: { count: 1 } }
      await create('split', {
        model: { id: 'a/b' },
        engine: { type: 'vllm' },
        serving: { mode: 'disaggregated' },
        scaling: { prefill: part, decode: { ...part, replicas: 2 } },
      })
      await expectStatus('split', {
        phase: 'Running',
        provider: { name: 'dynamo' },
        replicas: { desired: 3 },
      })
      const names = (await podsOf('split')).map(
        (pod) => /^split-(prefill|decode)-/.exec(pod.metadata.name)![1],
      )
      expect(names).toHaveLength(3)
      expect(names.filter((role) => role === 'decode')).toHaveLength(2)
      await admin.request('DELETE', `${path}/split`)
    }, 30_000)

    test('a request that no node can hold stays Deploying and the pod says why', async () => {
      await create('huge', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 16 } },
      })
      await expectStatus('huge', { phase: 'Deploying', replicas: { desired: 1, ready: 0 } })
      const message = '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.'
      await eventually(async () => {
        const [pod] = await podsOf('huge')
        expect(pod!['status'].phase).toBe('Pending')
        expect(pod!['status'].conditions).toContainEqual(
          expect.objectContaining({
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message,
          }),
        )
        const query = { fieldSelector: `involvedObject.name=${pod!.metadata.name}` }
        const { items } = await admin.request('GET', '/api/v1/namespaces/default/events', { query })
        expect(items).toContainEqual(
          expect.objectContaining({ type: 'Warning', reason: 'FailedScheduling', message }),
        )
      }, waitMs)
    }, 30_000)

    test('scales up and down; 0 counts as 1', async () => {
      await create('scaled', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('scaled', { phase: 'Running', replicas: { desired: 1, ready: 1 } })
      await scale('scaled', 3)
      await expectStatus('scaled', { phase: 'Running', replicas: { desired: 3, ready: 3 } })
      await scale('scaled', 0)
      await expectStatus('scaled', { phase: 'Running', replicas: { desired: 1, ready: 1 } })
      await eventually(async () => expect(await podsOf('scaled')).toHaveLength(1), waitMs)
    }, 30_000)

    const restart = (name: string, restartedAt: string) =>
      admin.request('PATCH', `${path}/${name}`, {
        body: {
          spec: {
            podTemplate: {
              metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } },
            },
          },
        },
        contentType: mergePatch,
      })

    test('another pod template replaces the pods, and the model is served throughout', async () => {
      await create('restarted', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        scaling: { replicas: 2 },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('restarted', { phase: 'Running' })
      const before = new Set((await podsOf('restarted')).map(({ metadata }) => metadata.uid))
      await restart('restarted', '2026-11-01T10:00:00Z')
      await eventually(async () => {
        const { items } = await admin.request('GET', pods)
        const own = items.filter(
          ({ metadata }: KubeObject) => metadata.ownerReferences?.[0]?.name === 'restarted',
        )
        const isServing = own.filter(
          ({ metadata, status }: KubeObject) =>
            metadata.deletionTimestamp === undefined &&
            status?.conditions?.some(
              (each: Untyped) => each.type === 'Ready' && each.status === 'True',
            ),
        )
        // Of this `eventually` waits for nothing: it is so at every look.
        if (isServing.length < 2) problems.push(`${isServing.length} of 2 pods serve`)
        expect(own.filter(({ metadata }: KubeObject) => before.has(metadata.uid))).toEqual([])
        expect(own).toHaveLength(2)
      }, waitMs)
      const [pod] = await podsOf('restarted')
      expect(pod!.metadata.annotations).toMatchObject({
        'kubectl.kubernetes.io/restartedAt': '2026-11-01T10:00:00Z',
      })
      await expectStatus('restarted', { phase: 'Running', replicas: { ready: 2 } })
    }, 30_000)

    test('a runtime that keeps the pod template to itself goes on with its pods', async () => {
      await create('kept', {
        model: { id: 'a/b' },
        provider: { name: 'kaito' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('kept', { phase: 'Running' })
      const [before] = await podsOf('kept')
      const { metadata } = await restart('kept', '2026-11-01T10:00:00Z')
      await expectStatus('kept', { phase: 'Running', observedGeneration: metadata.generation })
      const after = await podsOf('kept')
      expect(after.map((pod) => pod.metadata.uid)).toEqual([before!.metadata.uid])
      expect(after[0]!.metadata.annotations).toEqual(before!.metadata.annotations)
    }, 30_000)

    test('paused, nothing follows the spec; resumed, it catches up', async () => {
      const pause = (value: string | null) =>
        admin.request('PATCH', `${path}/paused`, {
          body: { metadata: { annotations: { 'airunway.ai/reconcile-paused': value } } },
          contentType: mergePatch,
        })
      await create('paused', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('paused', { phase: 'Running' })
      await pause('true')
      const { metadata } = await scale('paused', 2)
      // Another one made later is done: the paused one had its turn.
      await create('after-paused', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('after-paused', { phase: 'Running' })
      expect(await podsOf('paused')).toHaveLength(1)
      expect((await get('paused')).status.observedGeneration).toBe(metadata.generation! - 1)
      await pause(null)
      await expectStatus('paused', {
        phase: 'Running',
        observedGeneration: metadata.generation,
        replicas: { desired: 2, ready: 2 },
      })
    }, 30_000)

    test('a pod that is deleted is replaced', async () => {
      await create('replaced', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('replaced', { phase: 'Running' })
      const [before] = await podsOf('replaced')
      await admin.request('DELETE', `${pods}/${before!.metadata.name}`)
      await eventually(async () => {
        const [after] = await podsOf('replaced')
        expect(after!.metadata.uid).not.toBe(before!.metadata.uid)
        expect((await get('replaced')).status.phase).toBe('Running')
      }, waitMs)
    }, 30_000)

    test('an image that cannot be pulled shows in the pod', async () => {
      await create('unpullable', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm', image: 'vllm/vllm-openai:missing' },
        resources: { gpu: { count: 1 } },
      })
      await eventually(async () => {
        const [pod] = await podsOf('unpullable')
        expect(pod!['status'].containerStatuses[0].state.waiting.reason).toBe('ImagePullBackOff')
      }, waitMs)
      expect((await get('unpullable')).status.phase).toBe('Deploying')
    }, 30_000)

    test('deletion takes pods and service along and then lets go', async () => {
      await create('ended', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      })
      await expectStatus('ended', { phase: 'Running' })
      const ending = await admin.request('DELETE', `${path}/ended`)
      expect(ending.metadata.deletionTimestamp).toBeTruthy()
      await eventually(
        async () => expect((await admin.raw('GET', `${path}/ended`)).status).toBe(404),
        waitMs,
      )
      expect(await podsOf('ended')).toEqual([])
      expect((await admin.raw('GET', '/api/v1/namespaces/default/services/ended')).status).toBe(404)
    }, 30_000)

    test('heartbeats go on', async () => {
      const beat = async () =>
        Date.parse(
          (await admin.request('GET', '/apis/airunway.ai/v1alpha1/inferenceproviderconfigs/vllm'))
            .status.lastHeartbeat,
        )
      const first = await beat()
      await eventually(async () => expect(await beat()).toBeGreaterThan(first), waitMs)
    }, 30_000)

    test('nothing went wrong on the way', () => {
      expect(problems).toEqual([])
    })
  })
})

describe('controller where the CRDs have their old group', () => {
  const group = 'kubeairunway.ai'
  const oldPath = path.replace('airunway.ai', group)
  let server: ApiServer
  let admin: KubeClient
  let controller: Controller
  beforeAll(async () => {
    server = await startApiServer({ crdGroup: group })
    admin = createKubeClient(server.kubeconfig('client-certificate'))
    controller = startController({
      kubeconfig: server.kubeconfig('client-certificate'),
      crdGroup: server.crdGroup,
      timeline: fastTimeline,
    })
  })
  afterAll(async () => {
    await controller.stop()
    await admin.close()
    await server.stop()
  })

  test('runtimes register in the flat shape, annotated with the old prefix', async () => {
    const config = await eventually(async () => {
      const found = await admin.request(
        'GET',
        `/apis/${group}/v1alpha1/inferenceproviderconfigs/dynamo`,
      )
      expect(found.status?.ready).toBe(true)
      return found
    }, waitMs)
    expect(config.spec).toMatchObject({
      capabilities: {
        engines: ['vllm', 'sglang', 'trtllm'],
        servingModes: ['aggregated', 'disaggregated'],
        gpuSupport: true,
        cpuSupport: false,
      },
      installation: { defaultNamespace: 'default' },
    })
    expect(config.metadata.annotations['kubeairunway.ai/display-name']).toBe('NVIDIA Dynamo')
  })

  test('a deployment runs, with old labels and finalizer, and is deleted', async () => {
    const body = {
      ...toDeployment('old', {
        model: { id: 'a/b' },
        provider: { name: 'vllm' },
        engine: { type: 'vllm' },
        resources: { gpu: { count: 1 } },
      }),
      apiVersion: `${group}/v1alpha1`,
    }
    await admin.request('POST', oldPath, { body })
    const { metadata } = await eventually(async () => {
      const found = await admin.request('GET', `${oldPath}/old`)
      expect(found.status?.phase).toBe('Running')
      return found
    }, waitMs)
    expect(metadata.finalizers).toEqual(['kubeairunway.ai/vllm-provider'])
    const { items } = await admin.request('GET', pods)
    expect(items[0].metadata.labels).toMatchObject({ 'kubeairunway.ai/deployment': 'old' })
    await admin.request('DELETE', `${oldPath}/old`)
    await eventually(
      async () => expect((await admin.raw('GET', `${oldPath}/old`)).status).toBe(404),
      waitMs,
    )
  }, 30_000)

  test('the webhook knows the flat shape, the hub its group, and the new group is not there', async () => {
    const unfit = { model: { id: 'a/b' }, provider: { name: 'vllm' }, engine: { type: 'sglang' } }
    const denied = await admin.raw('POST', oldPath, {
      body: { ...toDeployment('unfit', unfit), apiVersion: `${group}/v1alpha1` },
    })
    expect(denied.status).toBe(403)
    expect(denied.body.message).toContain('provider vllm supports only: vllm')
    const hub = createKubeClient(server.kubeconfig('service-account-token'))
    expect((await hub.raw('GET', oldPath)).status).toBe(200)
    await hub.close()
    expect((await admin.raw('GET', path)).status).toBe(404)
  })
})

describe('controller and an unsteady API server', () => {
  let server: ApiServer
  let admin: KubeClient
  let controller: Controller
  beforeEach(async () => {
    server = await startApiServer()
    admin = createKubeClient(server.kubeconfig('client-certificate'))
    controller = startController({
      kubeconfig: server.kubeconfig('client-certificate'),
      timeline: fastTimeline,
    })
    await eventually(async () => {
      const { items } = await admin.request(
        'GET',
        '/apis/airunway.ai/v1alpha1/inferenceproviderconfigs',
      )
      expect(items).toHaveLength(5)
    })
  })
  afterEach(async () => {
    await controller.stop()
    await admin.close()
    await server.stop()
  })
  const expectRunning = (name: string) =>
    eventually(
      async () =>
        expect((await admin.request('GET', `${path}/${name}`)).status?.phase).toBe('Running'),
      waitMs,
    )

  test('goes on after a restart of the server', async () => {
    await admin.request('POST', path, { body: toDeployment('before', { model: { id: 'a/b' } }) })
    await server.pause()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await server.resume()
    await expectRunning('before')
    await admin.request('POST', path, { body: toDeployment('after', { model: { id: 'a/b' } }) })
    await expectRunning('after')
  }, 30_000)

  test('goes on after its versions have expired', async () => {
    await server.pause()
    server.storage.compact()
    await server.resume()
    await admin.request('POST', path, { body: toDeployment('expired', { model: { id: 'a/b' } }) })
    await expectRunning('expired')
  }, 30_000)

  test('a second controller takes over without making anything twice', async () => {
    await admin.request('POST', path, {
      body: toDeployment('handed-over', { model: { id: 'a/b' }, scaling: { replicas: 2 } }),
    })
    await expectRunning('handed-over')
    await controller.stop()
    controller = startController({
      kubeconfig: server.kubeconfig('client-certificate'),
      timeline: fastTimeline,
    })
    const body = { spec: { scaling: { replicas: 3 } } }
    await admin.request('PATCH', `${path}/handed-over`, { body, contentType: mergePatch })
    await eventually(async () => {
      expect((await admin.request('GET', `${path}/handed-over`)).status.replicas).toMatchObject({
        desired: 3,
        ready: 3,
      })
      expect((await admin.request('GET', pods)).items).toHaveLength(3)
    }, waitMs)
  }, 30_000)
})

function toDeployment(name: string, spec: object): KubeObject {
  return { apiVersion: 'airunway.ai/v1alpha1', kind: 'ModelDeployment', metadata: { name }, spec }
}
