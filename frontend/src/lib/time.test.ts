import { describe, expect, it, test } from 'vitest'
import { describeEnd, describeMinutes, formatRelative } from './time.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

describe('formatRelative', () => {
  test.each([
    ['2026-03-01T11:59:58Z', 'just now'],
    ['2026-03-01T12:00:40Z', 'just now'],
    ['2026-03-01T11:59:45Z', '15 seconds ago'],
    ['2026-03-01T11:58:01Z', '1 minute ago'],
    ['2026-03-01T09:30:00Z', '2 hours ago'],
    ['2026-02-27T11:00:00Z', '2 days ago'],
  ])('%s reads "%s"', (at, words) => {
    expect(formatRelative(new Date(at), now)).toBe(words)
  })

  test('names the date once a month has passed', () => {
    expect(formatRelative(new Date('2025-11-05T12:00:00Z'), now)).toBe('on 5 Nov 2025')
  })
})

describe('describeEnd', () => {
  const at = Date.parse('2026-11-22T12:00:00Z')
  it.each([
    ['2026-11-22T11:59:00Z', 'ended'],
    ['2026-11-22T12:00:30Z', 'in 1 minute'],
    ['2026-11-22T20:00:00Z', 'in 8 hours'],
    ['2027-02-20T12:00:00Z', 'in 90 days'],
  ])('%s: %s', (end, words) => {
    expect(describeEnd(end, at)).toBe(words)
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
