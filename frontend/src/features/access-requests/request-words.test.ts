import { describe, expect, test } from 'vitest'
import { describeState, lengthChoices, lengthDefault } from './request-words.ts'

const labels = (asked?: number) => lengthChoices(asked).map(({ label }) => label)

describe('lengthChoices', () => {
  test('begins with an hour, ends with what the hub takes at most, and has the one chosen first', () => {
    expect(labels()[0]).toBe('1 hour')
    expect(labels().at(-1)).toBe('90 days')
    expect(lengthChoices().map(({ value }) => value)).toContain(String(lengthDefault))
  })

  test('to approve, nothing longer than what was asked for', () => {
    expect(labels(8 * 60)).toEqual(['1 hour', '4 hours', '8 hours'])
    expect(labels(90)).toEqual(['1 hour', '90 minutes'])
    expect(labels(15)).toEqual(['15 minutes'])
  })
})

describe('describeState', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  test.each([
    ['approved', '2026-11-22T13:00:00Z', 'Approved'],
    ['approved', '2026-11-22T11:59:59Z', 'Over'],
    ['ended', '2026-11-22T13:00:00Z', 'Over'],
    ['waiting', null, 'Waiting'],
    ['refused', null, 'Refused'],
  ] as const)('%s until %s reads "%s"', (state, endsAt, label) => {
    expect(describeState({ state, endsAt }, now).label).toBe(label)
  })
})
