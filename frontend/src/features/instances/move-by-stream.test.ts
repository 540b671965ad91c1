import { describe, expect, test } from 'vitest'
import { moveInstance, moveInstances } from './move-by-stream.ts'
import { sampleInstance } from './sample-instance.ts'

describe('moveInstances', () => {
  const list = { items: [sampleInstance({ id: 'alpha' }), sampleInstance({ id: 'gamma' })] }

  test('puts a new instance where its name belongs', () => {
    const moved = moveInstances(list, [
      { type: 'instance', instance: sampleInstance({ id: 'beta' }) },
    ])
    expect(moved.items.map((item) => item.id)).toEqual(['alpha', 'beta', 'gamma'])
  })

  test('replaces the instance it knows', () => {
    const moved = moveInstances(list, [
      { type: 'instance', instance: sampleInstance({ id: 'alpha', deploymentCount: 7 }) },
    ])
    expect(moved.items.map((item) => item.deploymentCount)).toEqual([7, 1])
  })

  test('drops a removed instance, and takes it back when it returns', () => {
    const removed = { type: 'instance-removed', id: 'alpha' } as const
    expect(moveInstances(list, [removed]).items.map((item) => item.id)).toEqual(['gamma'])
    const back = moveInstances(list, [
      removed,
      { type: 'instance', instance: sampleInstance({ id: 'alpha' }) },
    ])
    expect(back.items.map((item) => item.id)).toEqual(['alpha', 'gamma'])
  })

  test('knows when its instances were heard of last, and of no other', () => {
    const at = '2026-03-01T12:01:00Z'
    const moved = moveInstances(list, [
      {
        type: 'instances-seen',
        instances: ['alpha', 'other'].map((id) => ({ id, lastSeenAt: at, heardAt: at })),
      },
    ])
    expect(moved.items).toEqual([
      sampleInstance({
        id: 'alpha',
        heardAt: at,
        status: { ...sampleInstance().status, lastSeenAt: at },
      }),
      sampleInstance({ id: 'gamma' }),
    ])
  })

  test('is the same list where nothing concerns it', () => {
    expect(
      moveInstances(list, [{ type: 'instance-removed', id: 'other' }, { type: 'reset' }]),
    ).toBe(list)
  })
})

describe('moveInstance', () => {
  test('takes the last event of its own instance alone', () => {
    const moved = moveInstance(sampleInstance({ id: 'alpha' }), [
      { type: 'instance', instance: sampleInstance({ id: 'beta', deploymentCount: 9 }) },
      { type: 'instance', instance: sampleInstance({ id: 'alpha', deploymentCount: 2 }) },
      { type: 'instance', instance: sampleInstance({ id: 'alpha', deploymentCount: 3 }) },
    ])
    expect(moved).toMatchObject({ id: 'alpha', deploymentCount: 3 })
    const at = '2026-03-01T12:01:00Z'
    const seen = moveInstance(moved, [
      { type: 'instances-seen', instances: [{ id: 'alpha', lastSeenAt: at, heardAt: at }] },
    ])
    expect(seen).toMatchObject({ deploymentCount: 3, heardAt: at, status: { lastSeenAt: at } })
  })
})
