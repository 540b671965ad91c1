import type { Grant } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import { describeGrantScope, describeRole } from './words.ts'

const grant: Grant = {
  id: 'g',
  role: 'viewer',
  instanceId: null,
  namespaces: null,
  source: 'config',
  endsAt: null,
}

describe('describeGrantScope', () => {
  it.each([
    [null, null, 'Every instance'],
    ['prod-east', null, 'prod-east'],
    ['prod-east', ['team-a'], 'prod-east, in team-a'],
    [null, ['a', 'b', 'c'], 'Every instance, in a, b, and c'],
  ])('%s and %s: %s', (instanceId, namespaces, words) => {
    expect(describeGrantScope({ ...grant, instanceId, namespaces })).toBe(words)
  })
})

describe('describeRole', () => {
  it.each([
    ['admin', null, null, 'Administrator'],
    ['viewer', null, null, 'Viewer on every instance'],
    ['deployer', 'prod-east', ['a', 'b'], 'Deployer on prod-east, in a and b'],
  ] as const)('%s on %s in %s: %s', (role, instanceId, namespaces, words) => {
    expect(describeRole({ role, instanceId, namespaces: namespaces && [...namespaces] })).toBe(
      words,
    )
  })
})
