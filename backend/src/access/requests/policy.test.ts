import type { Grant } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { isGivenBy } from './policy.ts'

type Place = Pick<Grant, 'role' | 'instanceId' | 'namespaces'>

const everywhere: Place = { role: 'viewer', instanceId: null, namespaces: null }
const asked: Place = { role: 'viewer', instanceId: 'prod', namespaces: ['a', 'b'] }
const isGiven = (held: Partial<Grant>, want: Partial<Place> = {}) =>
  isGivenBy(
    { id: 'g', source: 'manual', endsAt: null, ...everywhere, ...held },
    { ...asked, ...want },
  )

describe('what is asked for is there already', () => {
  test.each<[string, Partial<Grant>, Partial<Place>]>([
    ['everywhere', {}, {}],
    ['everywhere, where everywhere is asked for', {}, { instanceId: null, namespaces: null }],
    ['on that instance', { instanceId: 'prod' }, {}],
    ['on all of that instance', { instanceId: 'prod' }, { namespaces: null }],
    ['in those namespaces', { namespaces: ['b', 'a'] }, {}],
    ['in those namespaces and more', { instanceId: 'prod', namespaces: ['c', 'b', 'a'] }, {}],
    ["in Kubernetes' own, to look", {}, { namespaces: ['kube-system'] }],
  ])('%s', (_, held, want) => {
    expect(isGiven(held, want)).toBe(true)
  })

  test('for a deployer as for a viewer, and by name in kube-system too', () => {
    expect(isGiven({ role: 'deployer' }, { role: 'deployer' })).toBe(true)
    expect(isGiven({ role: 'deployer' }, { role: 'deployer', namespaces: null })).toBe(true)
    const system = { role: 'deployer', namespaces: ['kube-system'] } as const
    expect(
      isGiven(
        { ...system, namespaces: ['kube-system'] },
        { ...system, namespaces: ['kube-system'] },
      ),
    ).toBe(true)
  })
})

describe('what is asked for is not there yet', () => {
  test.each<[string, Partial<Grant>, Partial<Place>]>([
    ['for a time alone', { endsAt: '2099-01-01T00:00:00Z' }, {}],
    ['by another role', { role: 'deployer' }, {}],
    ['by a lesser role', {}, { role: 'deployer' }],
    ['on another instance', { instanceId: 'test' }, {}],
    ['on one instance of all', { instanceId: 'prod' }, { instanceId: null }],
    ['in one namespace of two', { namespaces: ['a'] }, {}],
    ['in some namespaces of all', { namespaces: ['a', 'b'] }, { namespaces: null }],
    ['in no namespace', { namespaces: [] }, {}],
    [
      "in Kubernetes' own, for a deployer of all",
      { role: 'deployer' },
      { role: 'deployer', namespaces: ['a', 'kube-system'] },
    ],
  ])('%s', (_, held, want) => {
    expect(isGiven(held, want)).toBe(false)
  })
})
