import { describe, expect, test } from 'vitest'
import { formatRelative } from './time.ts'

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
    expect(formatRelative(new Date('2025-11-05T12:00:00Z'), now)).toContain('2025')
  })
})
