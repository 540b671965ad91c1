import { expect, test } from 'vitest'
import { joinPages } from './paged-rows.ts'

const rows = joinPages({
  pages: [
    { page: 0, items: ['a', 'b'] },
    { page: 2, items: ['e', 'f'] },
  ],
  pageSize: 2,
  total: 5,
  keyOf: (row) => row.toUpperCase(),
})

test('a row stands where its page puts it, and nothing stands where no page is', () => {
  expect([0, 1, 2, 3, 4].map(rows.rowAt)).toEqual(['a', 'b', undefined, undefined, 'e'])
})

test('a row is found by its key among those that are loaded', () => {
  expect(['B', 'E', 'C'].map(rows.indexOf)).toEqual([1, 4, null])
})

test('what comes behind the end of the list is none of it', () => {
  expect([...rows.loaded()]).toEqual([
    [0, 'a'],
    [1, 'b'],
    [4, 'e'],
  ])
})
