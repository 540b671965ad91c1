import { expect, test } from 'vitest'
import { fromLocalInput, toLocalInput } from './local-time.ts'

test('a time comes back from its field as the same moment', () => {
  for (const moment of ['2026-11-22T10:00:00.000Z', '2026-03-29T01:30:00.000Z']) {
    expect(fromLocalInput(toLocalInput(moment))).toBe(moment)
  }
})

test('what is no time is none', () => {
  expect(toLocalInput('yesterday')).toBe('')
  expect(toLocalInput(undefined)).toBe('')
  expect(fromLocalInput('')).toBeUndefined()
  expect(fromLocalInput('soon')).toBeUndefined()
})
