import type { Grant } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import {
  describeEnd,
  describeGrantScope,
  describeMinutes,
  describeRole,
  describeUserAgent,
} from './words.ts'

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

describe('describeUserAgent', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36',
      'Chrome on Linux',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on macOS',
    ],
    ['', 'Unknown browser'],
    ['my-script/1.0', 'my-script/1.0'],
  ])('%s: %s', (userAgent, words) => {
    expect(describeUserAgent(userAgent)).toBe(words)
  })
})

describe('describeEnd', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  it.each([
    ['2026-11-22T11:59:00Z', 'ended'],
    ['2026-11-22T12:00:30Z', 'in 1 minute'],
    ['2026-11-22T20:00:00Z', 'in 8 hours'],
    ['2027-02-20T12:00:00Z', 'in 90 days'],
  ])('%s: %s', (at, words) => {
    expect(describeEnd(at, now)).toBe(words)
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

describe('describeMinutes', () => {
  it.each([
    [15, '15 minutes'],
    [60, '1 hour'],
    [90, '90 minutes'],
    [8 * 60, '8 hours'],
    [24 * 60, '1 day'],
    [36 * 60, '36 hours'],
    [14 * 24 * 60, '2 weeks'],
    [28 * 24 * 60, '28 days'],
    [90 * 24 * 60, '90 days'],
  ])('%i: %s', (minutes, words) => {
    expect(describeMinutes(minutes)).toBe(words)
  })
})
