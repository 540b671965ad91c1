import type { Instance } from '@hub/shared'

/** An instance for tests. */
export function sampleInstance(change: Partial<Instance> = {}): Instance {
  return {
    id: 'prod-east',
    status: { state: 'ready', reason: null, since: '2026-03-01T12:00:00Z', lastSeenAt: null },
    heardAt: null,
    isCurrent: true,
    accessMode: 'service',
    rights: 'both',
    kubernetesVersion: 'v1.36.3',
    apiGroup: 'airunway.ai',
    deploymentCount: 1,
    capacity: { nodes: { total: 1, ready: 1, cordoned: 0 }, gpus: [], resources: [], reason: null },
    runtimes: [],
    maintenance: null,
    warnings: [],
    abilities: { deploy: true, manage: false },
    ...change,
  }
}
