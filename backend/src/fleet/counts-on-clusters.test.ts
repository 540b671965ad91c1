import { type Cluster, type KubeClient } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Capacity } from '@hub/shared'
import { clusterKinds } from '../../test/clusters.ts'
import { contextOf, grant } from '../../test/contexts.ts'
import type { Fleet } from './fleet.ts'
import {
  createDeployment,
  deploymentsPath,
  soon,
  watchCluster,
} from '../../test/watched-cluster.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const merge = 'application/merge-patch+json'

describe.each(clusterKinds)('on $kind', ({ skip, start }) => {
  describe.skipIf(skip)('what is counted', () => {
    const undo: (() => unknown)[] = []
    let cluster: Cluster
    let client: KubeClient
    let fleet: Fleet

    beforeAll(async () => {
      cluster = await start()
      ;({ client, fleet } = await watchCluster(cluster, undo))
      await client
        .request('POST', '/api/v1/namespaces/default/serviceaccounts', {
          body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
        })
        .catch(() => {})
    })
    afterAll(async () => {
      for (const step of undo.toReversed()) await step()
    })

    const capacity = (): Capacity =>
      fleet.describeInstance(contextOf([grant('viewer')]), 'prod').capacity
    const pool = (resource: string) => {
      const { gpus, resources } = capacity()
      return [...(gpus ?? []), ...(resources ?? [])].find((each) => each.resource === resource)
    }
    const createNode = async (
      name: string,
      resources: Record<string, string>,
      { labels = {}, spec = {} }: { labels?: object; spec?: object } = {},
    ) => {
      await client.request('POST', '/api/v1/nodes', {
        body: { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec },
      })
      const all = { cpu: '8', memory: '64Gi', pods: '110', ...resources }
      await client.request('PATCH', `/api/v1/nodes/${name}/status`, {
        contentType: merge,
        body: {
          status: {
            capacity: all,
            allocatable: all,
            conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }],
          },
        },
      })
    }
    const createPod = async (
      name: string,
      nodeName: string,
      limits: Record<string, string>,
      labels: object = {},
    ) => {
      await client.request('POST', '/api/v1/namespaces/default/pods', {
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, labels },
          spec: {
            nodeName,
            tolerations: [{ operator: 'Exists' }],
            containers: [{ name: 'c', image: 'x', resources: { limits } }],
          },
        },
      })
      await client.request('PATCH', `/api/v1/namespaces/default/pods/${name}/status`, {
        contentType: merge,
        body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
      })
    }

    test('H50: GPUs behind a taint are a figure of their own', async () => {
      const resource = 'habana.ai/gaudi'
      const taints = [{ key: 'dedicated', value: 'one-team', effect: 'NoSchedule' }]
      await createNode('tainted-1', { [resource]: '8' }, { spec: { taints } })
      await createPod('ontaint', 'tainted-1', { [resource]: '1' })
      await vi.waitFor(
        () =>
          expect(pool(resource)).toMatchObject({
            allocatable: 1,
            requested: 1,
            free: 0,
            largestFreeBlock: 0,
            reserved: 7,
            unavailable: 0,
          }),
        soon,
      )
      expect(capacity().reason).toBeNull()
    })

    test("H50: a GPU operator's own taint keeps no deployment away", async () => {
      const resource = 'qualcomm.com/qaic'
      const taints = [{ key: resource, value: 'present', effect: 'NoSchedule' }]
      await createNode('operated-1', { [resource]: '4' }, { spec: { taints } })
      await vi.waitFor(() => expect(pool(resource)).toMatchObject({ free: 4, reserved: 0 }), soon)
    })

    test('a deployment whose node goes down says so, and no more once it is back', async () => {
      await createDeployment(client, 'stranded')
      await createNode('down-1', {})
      await createPod('stranded-1', 'down-1', {}, { 'airunway.ai/deployment': 'stranded' })
      const setReady = (path: string, status: string) =>
        client.request('PATCH', `${path}/status`, {
          contentType: merge,
          body: { status: { conditions: [{ type: 'Ready', status }] } },
        })
      await client.request('PATCH', `${deploymentsPath}/stranded/status`, {
        contentType: merge,
        body: { status: { phase: 'Running', observedGeneration: 1, replicas: { ready: 1 } } },
      })
      const sentence = () => fleet.get('prod', 'default', 'stranded')?.sentence
      await vi.waitFor(() => expect(sentence()).toBe('Its replica runs.'), soon)
      await setReady('/api/v1/namespaces/default/pods/stranded-1', 'False')
      await setReady('/api/v1/nodes/down-1', 'Unknown')
      await vi.waitFor(
        () => expect(sentence()).toBe('Node down-1, on which pod stranded-1 is, is not ready.'),
        soon,
      )
      await setReady('/api/v1/nodes/down-1', 'True')
      await vi.waitFor(() => expect(sentence()).not.toContain('down-1'), soon)
    })

    test('H50: what runs on a cordoned node is in use, and nothing there is free', async () => {
      const resource = 'google.com/tpu'
      await createNode('cordon-1', { [resource]: '8' })
      await createPod('oncordon', 'cordon-1', { [resource]: '2' })
      await vi.waitFor(() => expect(pool(resource)).toMatchObject({ free: 6 }), soon)
      await client.request('PATCH', '/api/v1/nodes/cordon-1', {
        contentType: merge,
        body: { spec: { unschedulable: true } },
      })
      await vi.waitFor(
        () =>
          expect(pool(resource)).toMatchObject({
            allocatable: 2,
            requested: 2,
            free: 0,
            unavailable: 6,
          }),
        soon,
      )
    })

    test('H50: resources of unknown names are shown under these, and memory in its true unit', async () => {
      await createNode(
        'renamed-1',
        { 'nvidia.com/gpu-small': '4', 'example.com/npu': '2', 'example.com/thing': '3' },
        { labels: { 'nvidia.com/gpu.product': 'NVIDIA-L40S' } },
      )
      await createNode(
        'amd-1',
        { 'amd.com/gpu': '8' },
        { labels: { 'amd.com/gpu.product-name': 'MI300X', 'amd.com/gpu.vram': '192G' } },
      )
      await createPod('onrenamed', 'renamed-1', {
        'nvidia.com/gpu-small': '1',
        'example.com/thing': '1',
      })
      await vi.waitFor(() => {
        expect(pool('nvidia.com/gpu-small')).toMatchObject({
          product: 'nvidia.com/gpu-small',
          free: 3,
        })
        expect(pool('example.com/npu')).toMatchObject({ product: 'example.com/npu', free: 2 })
        expect(capacity().resources).toMatchObject([{ resource: 'example.com/thing', free: 2 }])
        expect(pool('amd.com/gpu')).toMatchObject({ product: 'MI300X', memoryMiB: 196_608 })
      }, soon)
    })

    test('H50: the ResourceSlice of a node that is gone counts nothing', async () => {
      await createNode('sliced-1', {})
      await client.request('POST', '/apis/resource.k8s.io/v1/resourceslices', {
        body: {
          apiVersion: 'resource.k8s.io/v1',
          kind: 'ResourceSlice',
          metadata: { name: 'sliced-1' },
          spec: {
            driver: 'gpu.nvidia.com',
            nodeName: 'sliced-1',
            pool: { name: 'sliced-1', generation: 1, resourceSliceCount: 1 },
            devices: [{ name: 'gpu-0', attributes: { productName: { string: 'H200' } } }],
          },
        },
      })
      await vi.waitFor(
        () => expect(pool('gpu.nvidia.com')).toMatchObject({ isClaimed: true, allocatable: 1 }),
        soon,
      )
      await client.request('DELETE', '/api/v1/nodes/sliced-1')
      await vi.waitFor(() => expect(pool('gpu.nvidia.com')).toBeUndefined(), soon)
    })

    test('H52: replicas and GPUs that nobody asks for any more are counted from pods', async () => {
      const resource = 'tenstorrent.com/n150'
      const labels = { 'airunway.ai/deployment': 'shrinking' }
      await createNode('replicas-1', { [resource]: '8' })
      await createDeployment(client, 'shrinking', {
        scaling: { replicas: 4 },
        resources: { gpu: { count: 1, type: resource } },
      })
      for (let i = 0; i < 4; i += 1) {
        await createPod(`shrinking-${i}`, 'replicas-1', { [resource]: '1' }, labels)
      }
      const path = `${deploymentsPath}/shrinking`
      await client.request('PATCH', `${path}/status`, {
        contentType: merge,
        body: { status: { phase: 'Running', replicas: { desired: 4, ready: 4, available: 4 } } },
      })
      const scale = (replicas: number) =>
        client.request('PATCH', path, {
          contentType: merge,
          body: { spec: { scaling: { replicas } } },
        })
      const shown = () => fleet.get('prod', 'default', 'shrinking')
      await vi.waitFor(
        () =>
          expect(shown()).toMatchObject({
            gpus: { held: 4 },
            replicas: { desired: 4, ready: 4, running: 4 },
          }),
        soon,
      )
      await scale(1)
      await vi.waitFor(
        () =>
          expect(shown()).toMatchObject({
            gpus: { held: 4 },
            replicas: { desired: 1, running: 4 },
          }),
        soon,
      )
      const remove = (name: string) =>
        client.request('DELETE', `/api/v1/namespaces/default/pods/${name}`, {
          body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 },
        })
      for (const i of [1, 2, 3]) await remove(`shrinking-${i}`)
      // The controller has not looked yet: it counts four still.
      await vi.waitFor(
        () =>
          expect(shown()).toMatchObject({
            gpus: { held: 1 },
            replicas: { desired: 1, ready: 4, running: 1 },
          }),
        soon,
      )
      await scale(0)
      await vi.waitFor(
        () =>
          expect(shown()).toMatchObject({
            gpus: { held: 1 },
            replicas: { desired: 0, running: 1 },
          }),
        soon,
      )
      await remove('shrinking-0')
      await vi.waitFor(
        () =>
          expect(shown()).toMatchObject({
            gpus: { held: 0 },
            replicas: { desired: 0, running: 0 },
          }),
        soon,
      )
    })
  })
})
