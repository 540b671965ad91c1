import { InstanceState, type Instance } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { describeInstanceState } from '../../components/instance-words.ts'
import { describeLastKnown, summarizeInstances } from './instance-state.ts'
import { sampleInstance } from './sample-instance.ts'

test('every state has words of its own', () => {
  const labels = new Set(InstanceState.options.map((state) => describeInstanceState(state).label))
  expect(labels.size).toBe(InstanceState.options.length)
})

describe('summarizeInstances', () => {
  const inState = (state: InstanceState) =>
    ({ id: state, status: { state } }) as unknown as Instance

  test('names what is ready and what is not', () => {
    const fleet = [
      inState('ready'),
      inState('connecting'),
      inState('unreachable'),
      inState('no-crd'),
    ]
    expect(summarizeInstances(fleet)).toBe('4 instances: 1 ready, 1 connecting, 2 need attention')
  })

  test('leaves out what there is none of', () => {
    expect(summarizeInstances([inState('ready')])).toBe('1 instance: 1 ready')
  })
})

test('H49: why something is shown as it was last known', () => {
  expect(describeLastKnown(sampleInstance())).toBeNull()
  const status = {
    ...sampleInstance().status,
    state: 'unreachable',
    reason: 'It is away.',
  } as const
  const heardAt = '2026-03-01T12:00:00Z'
  expect(describeLastKnown(sampleInstance({ isCurrent: false, heardAt, status }))).toEqual({
    reason: 'It is away.',
    heardAt,
  })
  expect(describeLastKnown(sampleInstance({ isCurrent: false }))?.reason).toMatch(
    /is not responding/,
  )
})
