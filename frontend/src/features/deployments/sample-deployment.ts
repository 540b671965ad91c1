import type { Deployment } from '@hub/shared'

/** A deployment for tests. */
export function sampleDeployment(change: Partial<Deployment> = {}): Deployment {
  return {
    instance: 'prod-east',
    namespace: 'team-a',
    name: 'llama',
    uid: 'uid-1',
    resourceVersion: '1',
    createdAt: '2026-03-01T12:00:00Z',
    createdBy: null,
    deletingSince: null,
    model: { id: 'meta-llama/Llama-3.1-8B-Instruct', servedName: null, source: 'huggingface' },
    engine: 'vllm',
    runtime: 'kaito',
    servingMode: 'aggregated',
    gpus: { perReplica: 1, type: 'nvidia.com/gpu', held: null },
    replicas: { desired: 1, ready: 1, available: 1, running: null },
    state: 'running',
    sentence: 'The only replica runs.',
    phase: 'Running',
    message: null,
    endpoint: null,
    conditions: [],
    abilities: { update: true, delete: true },
    ...change,
  }
}
