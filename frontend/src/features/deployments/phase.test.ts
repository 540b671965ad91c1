import { describe, expect, test } from 'vitest'
import { describeLastPhase, describePhase, describeReplicas, explainPhase } from './phase.ts'
import { sampleDeployment } from './sample-deployment.ts'

const replicas = (ready: number, desired: number, running: number | null = null) => ({
  ready,
  desired,
  available: ready,
  running,
})

describe('describePhase', () => {
  test.each([
    [{ phase: null }, 'Waiting for the controller', 'neutral'],
    [{ phase: 'Pending', replicas: replicas(0, 1) }, 'Pending', 'busy'],
    [{ phase: 'Deploying', replicas: replicas(0, 3) }, 'Deploying', 'busy'],
    [{ phase: 'Deploying', replicas: replicas(2, 3) }, 'Deploying, 2 of 3 ready', 'busy'],
    [{ phase: 'Running', replicas: replicas(3, 3) }, 'Running', 'good'],
    [{ phase: 'Running', replicas: replicas(16, 20) }, 'Running, 16 of 20 ready', 'warning'],
    [{ phase: 'Running', replicas: replicas(0, 0) }, 'Scaled to 0', 'neutral'],
    [{ phase: 'Failed' }, 'Failed', 'bad'],
    [{ phase: 'Terminating' }, 'Deleting…', 'busy'],
    [{ phase: 'Hibernating' }, 'Hibernating', 'neutral'],
  ] as const)('%j reads "%s"', (change, words, tone) => {
    expect(describePhase(sampleDeployment(change))).toMatchObject({ words, tone })
  })

  test('a deletion that is held up is deleting, whatever the phase says', () => {
    const held = sampleDeployment({ phase: 'Running', deletingSince: '2026-03-01T12:00:00Z' })
    expect(describePhase(held)).toEqual({ words: 'Deleting…', tone: 'busy' })
  })
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
    const deployment = sampleDeployment({ phase: 'Running', replicas: counts })
    expect(describePhase(deployment).words).toBe(words)
    expect(describeReplicas(deployment)).toBe(ready)
    expect(describeReplicas(deployment)).not.toMatch(/^([1-9]) of 0/)
  })

  test('at 0 the reader is told what frees the GPUs', () => {
    const kept = sampleDeployment({ phase: 'Running', replicas: replicas(1, 0, 1) })
    expect(explainPhase(kept)).toMatch(/^No replicas are requested, but 1 still runs\..*delete/)
  })
})

test('H49: what was last known is said to be that, and never green', () => {
  expect(describeLastPhase(sampleDeployment({ phase: 'Running' }))).toEqual({
    words: 'Last known: Running',
    tone: 'neutral',
  })
})

describe('explainPhase', () => {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'DeploymentReady',
    message: 'All replicas are ready',
    lastTransitionTime: null,
  } as const

  test('contradicts a Ready condition that the replicas do not bear out', () => {
    const partly = sampleDeployment({ replicas: replicas(16, 20), conditions: [ready] })
    expect(explainPhase(partly)).toBe(
      '4 replicas are not ready, although the cluster reports the deployment as ready.',
    )
  })

  test('says nothing where nothing is odd', () => {
    expect(explainPhase(sampleDeployment({ conditions: [ready] }))).toBeNull()
  })

  test('says what a silent Pending means', () => {
    expect(explainPhase(sampleDeployment({ phase: 'Pending', message: '' }))).toContain('runtime')
    expect(explainPhase(sampleDeployment({ phase: 'Pending', message: 'no providers' }))).toBeNull()
  })
})
