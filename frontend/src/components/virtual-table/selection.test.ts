import { expect, test } from 'vitest'
import { joinPages } from './paged-rows.ts'
import { describeSelection, selectRange, toggleRow } from './selection.ts'

const rows = joinPages({
  pages: [
    { page: 0, items: ['a', 'b'] },
    { page: 2, items: ['e'] },
  ],
  pageSize: 2,
  total: 5,
  keyOf: (row) => row,
})
const none = new Map<string, string>()

test('a row is selected, and once more is not', () => {
  const one = toggleRow(none, rows, 1)
  expect([...one.keys()]).toEqual(['b'])
  expect(toggleRow(one, rows, 1).size).toBe(0)
})

test('a row that is not loaded cannot be selected', () => {
  expect(toggleRow(none, rows, 3)).toBe(none)
})

test('a range has what is loaded between its ends, whichever comes first', () => {
  expect([...selectRange(none, rows, [4, 1]).keys()]).toEqual(['b', 'e'])
})

test('all means all that are loaded', () => {
  expect(describeSelection(none, rows)).toBe('none')
  expect(describeSelection(toggleRow(none, rows, 0), rows)).toBe('some')
  expect(describeSelection(selectRange(none, rows, [0, 4]), rows)).toBe('all')
})
