import { expect, test } from 'vitest'
import { readListSearch } from './list-search.ts'

test('keeps what a list can do', () => {
  const search = { q: 'llama', status: 'failed', sort: 'created', desc: true, page: 2 } as const
  expect(readListSearch(search)).toEqual(search)
})

test('reads a number typed into the filter as text', () => {
  expect(readListSearch({ q: 8 })).toEqual({ q: '8' })
})

test('leaves out what makes no sense', () => {
  expect(
    readListSearch({ q: '', status: 'sleeping', sort: 'shoe-size', desc: 'yes', page: -1 }),
  ).toEqual({})
  expect(readListSearch({ q: { nested: true }, page: 1.5 })).toEqual({})
})
