import { expect, test } from 'vitest'
import { countGpus, countGpusInUse, describeGpus } from './gpus.ts'
import { sampleDeployment } from './sample-deployment.ts'

const replicas = { desired: 3, ready: 0, available: 0, running: null }

test.each([
  [{ replicas, gpus: { perReplica: 2, type: null, held: null } }, 6, '2 per replica, 6 in all'],
  [
    { replicas, gpus: { perReplica: 1, type: 'amd.com/gpu', held: null } },
    3,
    '1 per replica, 3 in all (amd.com/gpu)',
  ],
  [{ gpus: { perReplica: 0, type: null, held: null } }, null, 'None'],
  [
    { servingMode: 'disaggregated', replicas, gpus: { perReplica: 4, type: null, held: null } },
    null,
    'up to 4 per replica',
  ],
])('%j', (change, count, words) => {
  expect(countGpus(sampleDeployment(change))).toBe(count)
  expect(describeGpus(sampleDeployment(change))).toBe(words)
})

test.each([
  ['of a replica that nobody asks for', 0, 1, 1, '1 per replica, 0 in all, 1 held now'],
  ['of replicas that go', 1, 4, 4, '1 per replica, 1 in all, 4 held now'],
  ['not yet, while replicas wait', 3, 0, 3, '1 per replica, 3 in all'],
  ['where pods may not be read', 3, null, 3, '1 per replica, 3 in all'],
])('H52: GPUs are held %s', (_, desired, held, count, words) => {
  const deployment = sampleDeployment({
    replicas: { ...replicas, desired },
    gpus: { perReplica: 1, type: null, held },
  })
  expect(countGpusInUse(deployment)).toBe(count)
  expect(describeGpus(deployment)).toBe(words)
})
