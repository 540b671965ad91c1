import { Deployment } from '@hub/shared'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '#kube'
import { nothingLive, type LiveFacts } from './explain/facts.ts'
import { presentDeployment, withState } from './present-deployment.ts'
import { createdByAnnotation, readDeployment } from './read-deployment.ts'
import { readObjectFacts } from './read-object-facts.ts'
import { readPod } from './read-pod.ts'

const now = new Date('2026-01-02T03:05:00Z')

describe('presentDeployment', () => {
  it('presents what the cluster reports', () => {
    expect(presentDeployment('prod', 'airunway.ai', llama(), now)).toEqual({
      instance: 'prod',
      namespace: 'team-a',
      name: 'llama',
      uid: 'uid-1',
      resourceVersion: '42',
      createdAt: '2026-01-02T03:04:05Z',
      createdBy: 'oidc:alice',
      deletingSince: null,
      model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: 'llama', source: 'huggingface' },
      engine: 'vllm',
      runtime: 'kaito',
      servingMode: 'aggregated',
      gpus: { perReplica: 2, type: 'nvidia.com/gpu', held: null },
      replicas: { desired: 3, ready: 1, available: 1, running: null },
      state: 'starting',
      sentence: '1 of 3 replicas runs; the others start.',
      phase: 'Deploying',
      message: 'Workspace created, waiting for pods to be ready',
      endpoint: { service: 'llama', port: 80 },
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'DeploymentInProgress',
          message: '',
          lastTransitionTime: '2026-01-02T03:04:06Z',
        },
      ],
    })
  })

  it('reads the annotation of the group that the cluster serves', () => {
    const object = llama()
    expect(presentDeployment('prod', 'kubeairunway.ai', object, now)?.createdBy).toBeNull()
    object.metadata!.annotations = { [createdByAnnotation('kubeairunway.ai')]: 'oidc:bob' }
    expect(presentDeployment('prod', 'kubeairunway.ai', object, now)?.createdBy).toBe('oidc:bob')
  })

  it('adds up the two kinds of replica of a disaggregated deployment', () => {
    const object = llama()
    object.spec = {
      model: { id: 'x/y' },
      serving: { mode: 'disaggregated' },
      scaling: {
        prefill: { replicas: 2, gpu: { count: 1, type: 'nvidia.com/gpu' } },
        decode: { replicas: 3, gpu: { count: 4 } },
      },
    }
    expect(presentDeployment('prod', 'airunway.ai', object, now)).toMatchObject({
      gpus: { perReplica: 4, type: 'nvidia.com/gpu' },
      replicas: { desired: 5 },
    })
  })

  it('counts both halves of a disaggregated deployment, where its controller counts one alone', () => {
    const object = llama()
    object.spec = { serving: { mode: 'disaggregated' }, scaling: { prefill: {}, decode: {} } }
    object.status = { phase: 'Running', replicas: { desired: 1, ready: 1 } }
    const read = readDeployment('prod', 'airunway.ai', object)!
    const of = (pods: LiveFacts['pods']) =>
      withState(read, readObjectFacts(object), { ...nothingLive, pods }, now.getTime()).deployment
    const half = (part: 'prefill' | 'decode') =>
      readPod({
        metadata: {
          name: part,
          namespace: 'team-a',
          uid: part,
          labels: { 'airunway.ai/deployment': 'llama', app: `llama-${part}` },
        },
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      })!
    expect(of([half('prefill'), half('decode')])).toMatchObject({
      replicas: { desired: 2, ready: 2 },
      state: 'running',
    })
    expect(of([half('decode')])).toMatchObject({ replicas: { ready: 1 }, state: 'partly-running' })
    expect(of(null)).toMatchObject({ replicas: { ready: 1 } })
  })

  it('has a default for everything but a name', () => {
    const bare = { metadata: { name: 'a', namespace: 'b', uid: 'c' } }
    const presented = presentDeployment('prod', 'airunway.ai', bare, now)
    expect(
      Deployment.parse({ ...presented, abilities: { update: false, delete: false } }),
    ).toMatchObject({
      model: { id: null, servedName: null, source: null },
      replicas: { desired: 1, ready: 0, available: 0 },
      phase: null,
      endpoint: null,
      conditions: [],
      createdAt: '1970-01-01T00:00:00.000Z',
    })
    for (const metadata of [{}, { name: 'a', namespace: 'b' }, { name: 'a', uid: 'c' }]) {
      expect(presentDeployment('prod', 'airunway.ai', { metadata }, now)).toBeNull()
    }
  })

  it('bounds what a stranger wrote', () => {
    const object = llama()
    object.status = {
      message: 'x'.repeat(1_000_000),
      conditions: Array.from({ length: 5_000 }, (_, i) => ({
        type: `t${i}`,
        message: 'y'.repeat(9_000),
      })),
    }
    const presented = presentDeployment('prod', 'airunway.ai', object, now)
    expect(JSON.stringify(presented).length).toBeLessThan(500_000)
    expect(presented?.conditions).toHaveLength(50)
  })

  it('never throws and always fits the contract, whatever the object holds', () => {
    const odd = fc.oneof(
      fc.anything(),
      fc.constantFrom(null, '', 'x', -1, 1.5, NaN, [], [null], {}),
    )
    const object = fc.record(
      {
        apiVersion: odd,
        kind: odd,
        metadata: fc.oneof(
          odd,
          fc.record({
            name: fc.oneof(odd, fc.constant('a')),
            namespace: fc.oneof(odd, fc.constant('b')),
            uid: fc.oneof(odd, fc.constant('c')),
            resourceVersion: odd,
            annotations: odd,
            creationTimestamp: odd,
            deletionTimestamp: odd,
          }),
        ),
        spec: fc.oneof(
          odd,
          fc.record({ model: odd, engine: odd, serving: odd, scaling: odd, resources: odd }),
        ),
        status: fc.oneof(
          odd,
          fc.record({ phase: odd, replicas: odd, endpoint: odd, conditions: fc.array(odd) }),
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(object, (value) => {
        const presented = presentDeployment('prod', 'airunway.ai', value as KubeObject, now)
        if (!presented) return
        const parsed = Deployment.safeParse({
          ...presented,
          abilities: { update: true, delete: true },
        })
        expect(parsed.error).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })
})

function llama(): KubeObject {
  return {
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: {
      name: 'llama',
      namespace: 'team-a',
      uid: 'uid-1',
      resourceVersion: '42',
      creationTimestamp: '2026-01-02T03:04:05Z',
      annotations: { 'airunway.ai/created-by': 'oidc:alice' },
      managedFields: [{ manager: 'x' }],
    },
    spec: {
      model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: 'llama', source: 'huggingface' },
      engine: { type: 'vllm' },
      serving: { mode: 'aggregated' },
      scaling: { replicas: 3 },
      resources: { gpu: { count: 2, type: 'nvidia.com/gpu' } },
    },
    status: {
      phase: 'Deploying',
      message: 'Workspace created, waiting for pods to be ready',
      provider: { name: 'kaito' },
      engine: { type: 'vllm' },
      replicas: { desired: 1, ready: 1, available: 1 },
      endpoint: { service: 'llama', port: 80 },
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'DeploymentInProgress',
          lastTransitionTime: '2026-01-02T03:04:06Z',
        },
      ],
    },
  }
}
