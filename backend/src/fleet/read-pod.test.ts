import { describe, expect, it } from 'vitest'
import { readPod } from './read-pod.ts'

describe('readPod', () => {
  it.each([
    ['airunway.ai/deployment', 'llama', 'llama'],
    ['kubeairunway.ai/deployment', 'llama', 'llama'],
    ['airunway.ai/model-deployment', 'llama', 'llama'],
    ['kaito.sh/workspace', 'llama', 'llama'],
    ['nvidia.com/dynamo-graph-deployment-name', 'llama', 'llama'],
    ['ray.io/cluster', 'llama-raycluster-x7k2p', 'llama'],
    ['ray.io/cluster', 'own-cluster', 'own-cluster'],
  ])('knows a pod of a deployment by %s=%s', (label, value, deployment) => {
    expect(readPod(pod({ [label]: value }))).toMatchObject({ deployment, requests: {} })
  })

  it('keeps a pod of nobody that holds an accelerator, until it is finished', () => {
    const spec = {
      nodeName: 'gpu-1',
      containers: [{ resources: { limits: { 'nvidia.com/gpu': '1' } } }],
    }
    expect(readPod({ ...pod({}), spec, status: { phase: 'Running' } })).toEqual({
      namespace: 'team-a',
      name: 'p',
      uid: 'u',
      node: 'gpu-1',
      phase: 'Running',
      isRunning: false,
      deployment: null,
      part: null,
      requests: { 'nvidia.com/gpu': 1 },
      detail: null,
    })
    expect(readPod({ ...pod({}), spec, status: { phase: 'Succeeded' } })).toBeNull()
  })

  it.each<[string, string, string | null]>([
    ['nvidia.com/dynamo-component-type', 'frontend', 'helper'],
    ['nvidia.com/dynamo-component-type', 'epp', 'helper'],
    ['nvidia.com/dynamo-component-type', 'planner', 'helper'],
    ['nvidia.com/dynamo-component-type', 'worker', null],
    ['nvidia.com/dynamo-component-type', 'decode', 'decode'],
    ['nvidia.com/dynamo-sub-component-type', 'prefill', 'prefill'],
    ['ray.io/node-type', 'head', 'helper'],
    ['ray.io/node-type', 'worker', null],
    ['ray.io/group', 'prefill-workers', 'prefill'],
    ['ray.io/group', 'gpu-workers', null],
    ['app', 'llama-decode', 'decode'],
    ['app', 'llama', null],
    ['app', 'decode', null],
  ])('knows what a pod is in its deployment by %s=%s', (label, value, part) => {
    expect(readPod(pod({ 'airunway.ai/deployment': 'llama', [label]: value }))).toMatchObject({
      part,
    })
  })

  it.each<[string, object, string | null]>([
    [
      'its ReplicaSet',
      { ownerReferences: [{ controller: true, name: 'llama-decode-7f' }] },
      'llama-decode',
    ],
    ['its StatefulSet', { ownerReferences: [{ controller: true, name: 'llama' }] }, 'llama'],
    ['what does not control it', { ownerReferences: [{ name: 'other-7f' }, null, 7] }, null],
    ['nothing', {}, null],
  ])('knows what made it by %s', (_, metadata, maker) => {
    const object = pod({ 'airunway.ai/deployment': 'llama', 'pod-template-hash': '7f' })
    const read = readPod({ ...object, metadata: { ...object.metadata, ...metadata } })
    expect(read).toMatchObject({ detail: { maker, revision: '7f' } })
  })

  it.each([
    ['True', '2026-01-01T00:00:05Z'],
    ['False', null],
  ])('knows since when a pod has its node: PodScheduled=%s', (status, scheduledAt) => {
    const lastTransitionTime = '2026-01-01T00:00:05Z'
    const conditions = [{ type: 'PodScheduled', status, lastTransitionTime }]
    const object = { ...pod({ 'airunway.ai/deployment': 'llama' }), status: { conditions } }
    expect(readPod(object)).toMatchObject({ detail: { scheduledAt } })
  })

  it.each<[string, object, object, boolean]>([
    ['ready', {}, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, true],
    ['starting', {}, { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }, false],
    ['on its way out', { deletionTimestamp: '2026-01-01T00:00:00Z' }, { phase: 'Running' }, true],
    ['waiting', {}, { phase: 'Pending' }, false],
    ['odd', {}, { phase: 'Running', conditions: [null, 7] }, false],
  ])('H52: knows whether a pod that is %s is a replica that runs', (_, metadata, status, is) => {
    const object = pod({ 'airunway.ai/deployment': 'llama' })
    const read = readPod({ ...object, metadata: { ...object.metadata, ...metadata }, status })
    expect(read).toMatchObject({ isRunning: is })
  })

  it.each<[string, string[], object, string[]]>([
    [
      'as the pod lists them, whatever their names',
      ['vllm', 'istio-proxy'],
      {},
      ['fetch', 'vllm', 'istio-proxy'],
    ],
    [
      'that which the pod names as meant before the others',
      ['proxy', 'autoscaler', 'ray-head'],
      { 'kubectl.kubernetes.io/default-container': 'ray-head' },
      ['fetch', 'ray-head', 'proxy', 'autoscaler'],
    ],
    ['also what it does not list', ['vllm'], {}, ['fetch', 'vllm', 'autoscaler', 'istio-proxy']],
  ])('has containers %s', (_, listed, annotations, expected) => {
    const object = pod({ 'airunway.ai/deployment': 'llama' })
    const reported = [...new Set([...expected.slice(1), ...listed])].toSorted()
    const read = readPod({
      ...object,
      metadata: { ...object.metadata, annotations },
      spec: { containers: listed.map((name) => ({ name })) },
      status: {
        phase: 'Running',
        initContainerStatuses: [{ name: 'fetch' }],
        containerStatuses: reported.map((name) => ({ name })),
      },
    })
    expect(read!.detail!.containers.map(({ name }) => name)).toEqual(expected)
  })

  it.each([pod({ app: 'web' }), {}, { metadata: { name: 'p' } }])(
    'keeps no other: %j',
    (object) => {
      expect(readPod(object)).toBeNull()
    },
  )
})

function pod(labels: Record<string, string>) {
  return { metadata: { name: 'p', namespace: 'team-a', uid: 'u', labels } }
}
