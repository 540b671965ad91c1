import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApiServer, type ApiServer } from '../api-server/server.ts'
import { createKubeClient, type KubeClient } from '../client.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { startController, type Controller } from './controller.ts'
import { fastTimeline } from './timeline.ts'

const deployments = '/apis/airunway.ai/v1alpha1/namespaces/default/modeldeployments'
const merge = 'application/merge-patch+json'

describe('what goes wrong on request', () => {
  let cluster: ApiServer
  let client: KubeClient
  let controller: Controller
  beforeAll(async () => {
    cluster = await startApiServer()
    client = createKubeClient(cluster.kubeconfig('client-certificate'))
    controller = startController({
      kubeconfig: cluster.kubeconfig('client-certificate'),
      timeline: fastTimeline,
    })
  })
  afterAll(async () => {
    await controller?.stop()
    await client?.close()
    await cluster?.stop()
  })

  const create = (name: string, { annotations = {}, ...spec }: Record<string, object> = {}) =>
    client.request('POST', deployments, {
      body: {
        apiVersion: 'airunway.ai/v1alpha1',
        kind: 'ModelDeployment',
        metadata: { name, annotations },
        spec: {
          model: { id: 'a/b' },
          provider: { name: 'vllm' },
          engine: { type: 'vllm' },
          ...spec,
        },
      },
    })
  const podsOf = async (name: string): Promise<KubeObject[]> =>
    (await client.request('GET', `/api/v1/namespaces/default/pods?labelSelector=app%3D${name}`))
      .items
  const container = async (name: string): Promise<Untyped> =>
    (await podsOf(name))[0]?.['status'].containerStatuses?.[0]

  test.each([
    ['demo-crash', 1, 'Error'],
    ['demo-oom', 137, 'OOMKilled'],
  ])('%s crashes again and again, and its log says how', async (name, exitCode, reason) => {
    await create(name)
    await expect
      .poll(() => container(name), { timeout: 20_000 })
      .toMatchObject({
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode, reason } },
      })
  })

  test.each([
    ['demo-no-image', 'ImagePullBackOff'],
    ['demo-no-secret', 'CreateContainerConfigError'],
  ])('%s waits with %s', async (name, reason) => {
    await create(name)
    await expect
      .poll(() => container(name), { timeout: 20_000 })
      .toMatchObject({ state: { waiting: { reason } } })
  })

  test('by an annotation, whatever its name', async () => {
    await create('plain', { annotations: { 'demo.airunway.ai/fault': 'no-volume' } })
    await expect
      .poll(async () => (await podsOf('plain'))[0]?.['status'].conditions?.[0], { timeout: 20_000 })
      .toMatchObject({
        type: 'PodScheduled',
        status: 'False',
        message: expect.stringContaining('persistentvolumeclaim') as string,
      })
  })

  test('a quota keeps pods from being made, and tells so, until there is room', async () => {
    const quotas = '/api/v1/namespaces/default/resourcequotas'
    const hard = { 'requests.nvidia.com/gpu': '0' }
    await client.request('POST', quotas, {
      body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'gpus' }, spec: { hard } },
    })
    await create('short', { resources: { gpu: { count: 1 } } })
    const warnings = '/api/v1/namespaces/default/events?fieldSelector=reason%3DFailedCreate'
    await expect
      .poll(async () => (await client.request('GET', warnings)).items[0]?.message, {
        timeout: 20_000,
      })
      .toMatch(/exceeded quota: gpus, requested: requests\.nvidia\.com\/gpu=1, used: /)
    await client.request('DELETE', `${quotas}/gpus`)
    await expect.poll(() => podsOf('short'), { timeout: 20_000 }).toHaveLength(1)
  })

  test('half of an update', async () => {
    await create('demo-half-applied')
    await expect
      .poll(async () => (await container('demo-half-applied'))?.ready, { timeout: 20_000 })
      .toBe(true)
    await client.request('PATCH', `${deployments}/demo-half-applied`, {
      body: { spec: { engine: { contextLength: 4096 } } },
      contentType: merge,
    })
    await expect
      .poll(
        async () =>
          (await podsOf('demo-half-applied'))
            .map((pod) => pod['status'].containerStatuses?.[0]?.state?.waiting?.reason ?? 'none')
            .toSorted(byText),
        { timeout: 20_000 },
      )
      .toEqual(['ImagePullBackOff', 'none'])
  })

  test('a finalizer that nobody clears, and a runtime that falls silent', async () => {
    await create('demo-held')
    await expect
      .poll(
        async () => (await client.request('GET', `${deployments}/demo-held`)).metadata.finalizers,
        { timeout: 20_000 },
      )
      .toContain('example.com/holds-it')
    await client.request('DELETE', `${deployments}/demo-held`)
    await expect
      .poll(
        async () => (await client.request('GET', `${deployments}/demo-held`)).metadata.finalizers,
        { timeout: 20_000 },
      )
      .toEqual(['example.com/holds-it'])
    const config = '/apis/airunway.ai/v1alpha1/inferenceproviderconfigs/kaito'
    const annotations = { 'demo.airunway.ai/silent': 'true' }
    await client.request('PATCH', config, {
      body: { metadata: { annotations } },
      contentType: merge,
    })
    const beatOf = async (name: string) =>
      (await client.request('GET', config.replace('kaito', name))).status.lastHeartbeat as string
    // A beat that was on its way comes once more; the others go on.
    const other = await beatOf('vllm')
    await expect.poll(() => beatOf('vllm'), { timeout: 20_000 }).not.toBe(other)
    const last = await beatOf('kaito')
    const later = await beatOf('vllm')
    await expect.poll(() => beatOf('vllm'), { timeout: 20_000 }).not.toBe(later)
    expect(await beatOf('kaito')).toBe(last)
  })
})

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
