import { expect, test } from 'vitest'
import { countGpus, describeGpus } from './gpus.ts'
import { sampleDeployment } from './sample-deployment.ts'

const replicas = { desired: 3, ready: 0, available: 0 }

test.each([
  [{ replicas, gpus: { perReplica: 2, type: null } }, 6, '2 per replica, 6 in all'],
  [
    { replicas, gpus: { perReplica: 1, type: 'amd.com/gpu' } },
    3,
    '1 per replica, 3 in all (amd.com/gpu)',
  ],
  [{ gpus: { perReplica: 0, type: null } }, null, 'None'],
  [
    { servingMode: 'disaggregated', replicas, gpus: { perReplica: 4, type: null } },
    null,
    'up to 4 per replica',
  ],
])('%j', (change, count, words) => {
  expect(countGpus(sampleDeployment(change))).toBe(count)
  expect(describeGpus(sampleDeployment(change))).toBe(words)
})
