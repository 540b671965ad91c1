import { expect, test } from 'vitest'
import { moveCursor } from './move-cursor.ts'

const place = { index: 10, total: 100, seen: 20, first: 5 }

test.each([
  ['ArrowDown', 11],
  ['ArrowUp', 9],
  ['PageDown', 30],
  ['PageUp', 0],
  ['Home', 0],
  ['End', 99],
])('%s leads from the 11th of 100 rows to %i', (key, to) => {
  expect(moveCursor(key, place)).toBe(to)
})

test('the cursor begins at the first row that is seen', () => {
  expect(moveCursor('ArrowDown', { ...place, index: null })).toBe(5)
  expect(moveCursor('End', { ...place, index: null })).toBe(99)
})

test('it goes nowhere in an empty list, and by other keys', () => {
  expect(moveCursor('ArrowDown', { ...place, total: 0 })).toBeNull()
  expect(moveCursor('x', place)).toBeNull()
})
