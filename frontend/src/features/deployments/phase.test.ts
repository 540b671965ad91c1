import { describe, expect, test } from 'vitest'
import { describePhase, explainPhase } from './phase.ts'
import { sampleDeployment } from './sample-deployment.ts'

const replicas = (ready: number, desired: number) => ({ ready, desired, available: ready })

describe('describePhase', () => {
  test.each([
    [{ phase: null }, 'Waiting for the controller', 'neutral'],
    [{ phase: 'Pending', replicas: replicas(0, 1) }, 'Pending', 'busy'],
    [{ phase: 'Deploying', replicas: replicas(0, 3) }, 'Deploying', 'busy'],
    [{ phase: 'Deploying', replicas: replicas(2, 3) }, 'Deploying, 2 of 3 ready', 'busy'],
    [{ phase: 'Running', replicas: replicas(3, 3) }, 'Running', 'good'],
    [{ phase: 'Running', replicas: replicas(16, 20) }, 'Running, 16 of 20 ready', 'warning'],
    [{ phase: 'Running', replicas: replicas(1, 0) }, 'Running', 'good'],
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
