import type { Instance } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { moveInstance, moveInstances } from './move-by-stream.ts'

function instance(id: string, change: Partial<Instance> = {}): Instance {
  return {
    id,
    status: { state: 'ready', reason: null, since: '2026-03-01T12:00:00Z', lastSeenAt: null },
    kubernetesVersion: 'v1.36.3',
    apiGroup: 'airunway.ai',
    deploymentCount: 1,
    abilities: { deploy: true },
    ...change,
  }
}

describe('moveInstances', () => {
  const list = { items: [instance('alpha'), instance('gamma')] }

  test('puts a new instance where its name belongs', () => {
    const moved = moveInstances(list, [{ type: 'instance', instance: instance('beta') }])
    expect(moved.items.map((item) => item.id)).toEqual(['alpha', 'beta', 'gamma'])
  })

  test('replaces the instance it knows', () => {
    const moved = moveInstances(list, [
      { type: 'instance', instance: instance('alpha', { deploymentCount: 7 }) },
    ])
    expect(moved.items.map((item) => item.deploymentCount)).toEqual([7, 1])
  })

  test('drops a removed instance, and takes it back when it returns', () => {
    const removed = { type: 'instance-removed', id: 'alpha' } as const
    expect(moveInstances(list, [removed]).items.map((item) => item.id)).toEqual(['gamma'])
    const back = moveInstances(list, [removed, { type: 'instance', instance: instance('alpha') }])
    expect(back.items.map((item) => item.id)).toEqual(['alpha', 'gamma'])
  })

  test('is the same list where nothing concerns it', () => {
    expect(
      moveInstances(list, [{ type: 'instance-removed', id: 'other' }, { type: 'reset' }]),
    ).toBe(list)
  })
})

describe('moveInstance', () => {
  test('takes the last event of its own instance alone', () => {
    const moved = moveInstance(instance('alpha'), [
      { type: 'instance', instance: instance('beta', { deploymentCount: 9 }) },
      { type: 'instance', instance: instance('alpha', { deploymentCount: 2 }) },
      { type: 'instance', instance: instance('alpha', { deploymentCount: 3 }) },
    ])
    expect(moved).toMatchObject({ id: 'alpha', deploymentCount: 3 })
  })
})
