import { describe, expect, test } from 'vitest'
import { describeReplicas, listReplicas } from './replicas.ts'
import { sampleDeployment } from './sample-deployment.ts'
import { describeState } from './state-words.ts'

const replicas = (ready: number, desired: number, running: number | null = null) => ({
  ready,
  desired,
  available: ready,
  running,
})

describe('H52: replicas that nobody asks for any more', () => {
  test.each([
    [
      'as the controller says',
      replicas(1, 0),
      'Scaling down, 1 still running',
      '1 running, 0 asked for',
    ],
    [
      'as their pods say',
      replicas(0, 0, 1),
      'Scaling down, 1 still running',
      '1 running, 0 asked for',
    ],
    [
      'of which the controller knows no more',
      replicas(4, 1, 3),
      'Scaling down, 3 still running',
      '3 running, 1 asked for',
    ],
    ['gone, though the controller counts them still', replicas(4, 1, 1), 'Running', '1 of 1 ready'],
    ['none', replicas(2, 2, 2), 'Running', '2 of 2 ready'],
  ])('%s', (_, counts, words, ready) => {
    const deployment = sampleDeployment({ state: 'running', replicas: counts })
    expect(describeState(deployment).words).toBe(words)
    expect(describeReplicas(deployment)).toBe(ready)
    expect(describeReplicas(deployment)).not.toMatch(/^([1-9]) of 0/)
  })
})

test('a cell for each replica: those that are ready, that miss, and that are too many', () => {
  expect(listReplicas({ replicas: replicas(1, 3) }, 10)).toEqual(['ready', 'missing', 'missing'])
  expect(listReplicas({ replicas: replicas(2, 1, 3) }, 10)).toEqual(['ready', 'surplus', 'surplus'])
  expect(listReplicas({ replicas: replicas(0, 32) }, 10)).toHaveLength(10)
})
