import { describe, expect, test } from 'vitest'
import { describeCredentialState, describeExpiry } from './credential-words.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

describe('describeCredentialState', () => {
  test.each([
    ['accepted', null, 'Accepted', 'good'],
    ['accepted', 'ready', 'Accepted', 'good'],
    ['accepted', 'connecting', 'Accepted; connecting', 'busy'],
    ['accepted', 'unreachable', 'Accepted; unreachable', 'bad'],
    ['accepted', 'unauthorized', 'Accepted; credential refused', 'bad'],
    ['accepted', 'no-crd', 'Accepted; AI Runway not installed', 'warning'],
    ['rejected', 'ready', 'Rejected', 'bad'],
    ['resting', 'degraded', 'On hold', 'warning'],
  ] as const)('H12: %s with a cluster that is %s reads "%s"', (state, at, label, tone) => {
    const cluster = at === null ? null : { state: at, reason: null }
    expect(describeCredentialState({ state, cluster })).toEqual({ label, tone })
  })
})

describe('describeExpiry', () => {
  test.each([
    [null, 'no expiry known', 'neutral'],
    ['2026-02-28T12:00:00Z', 'has expired', 'bad'],
    ['2026-03-01T18:00:00Z', 'in less than a day', 'warning'],
    ['2026-03-02T12:00:00Z', 'in 1 day', 'warning'],
    ['2026-03-15T11:00:00Z', 'in 13 days', 'warning'],
    ['2026-03-15T12:00:00Z', 'in 14 days', 'good'],
  ])('%s reads "%s"', (at, words, tone) => {
    expect(describeExpiry(at, now)).toEqual({ words, tone })
  })
})
