import { describe, expect, test } from 'vitest'
import { endChoices, endDefault, readEnd } from './grant-end.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

describe('readEnd', () => {
  test('never is no end, and a length counts from now', () => {
    expect(readEnd('never', '', now)).toBeNull()
    expect(readEnd('60', '', now)).toBe('2026-11-22T13:00:00.000Z')
  })

  test('a time of one’s own has to lie ahead', () => {
    expect(readEnd('at', '2027-01-01T10:00Z', now)).toBe('2027-01-01T10:00:00.000Z')
    expect(readEnd('at', '', now)).toHaveProperty('problem')
    expect(readEnd('at', '2026-11-22T11:59Z', now)).toHaveProperty('problem')
  })

  test('H30: what a form begins with ends', () => {
    expect(readEnd(endDefault, '', now)).toBe('2026-12-22T12:00:00.000Z')
  })

  test('every choice is one', () => {
    for (const { value } of endChoices.filter((choice) => choice.value !== 'at')) {
      const end = readEnd(value, '', now)
      expect(end === null || (typeof end === 'string' && Date.parse(end) > now)).toBe(true)
    }
  })
})
