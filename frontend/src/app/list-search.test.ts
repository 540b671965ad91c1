import { expect, test } from 'vitest'
import { readListSearch } from './list-search.ts'

test('keeps what a list can do', () => {
  const search = {
    q: 'llama',
    status: 'attention',
    instance: 'prod-east',
    sort: '-createdAt',
    pages: 2,
  } as const
  expect(readListSearch(search)).toEqual(search)
})

test('reads a number typed into the filter as text', () => {
  expect(readListSearch({ q: 8, instance: 7 })).toEqual({ q: '8', instance: '7' })
})

test('leaves out what makes no sense', () => {
  expect(
    readListSearch({ q: '', status: 'sleeping', instance: '../x', sort: 'shoe-size', pages: -1 }),
  ).toEqual({})
  expect(readListSearch({ q: { nested: true }, sort: ['name'], pages: 1.5 })).toEqual({})
})

test('asks for no more than the hub and the page can bear', () => {
  const { q, pages } = readListSearch({ q: 'x'.repeat(900), pages: 1e9 })
  expect(q).toHaveLength(200)
  expect(pages).toBe(50)
})
