import { expect, test } from 'vitest'
import { readListSearch } from './list-search.ts'

test('keeps what a list can do', () => {
  const search = {
    q: 'llama',
    status: 'attention',
    instance: 'prod-east',
    namespace: 'ml-team',
    model: 'Qwen/Qwen3-8B',
    owner: 'me',
    gpu: 'nvidia-h100',
    engine: 'vllm',
    sort: '-createdAt',
  } as const
  expect(readListSearch(search)).toEqual(search)
})

test('reads a number typed into the filter as text', () => {
  expect(readListSearch({ q: 8, instance: 7 })).toEqual({ q: '8', instance: '7' })
})

test('leaves out what makes no sense', () => {
  expect(
    readListSearch({ q: '', status: 'sleeping', instance: '../x', sort: 'shoe-size', owner: ' ' }),
  ).toEqual({})
  expect(readListSearch({ q: { nested: true }, sort: ['name'], namespace: 'A b' })).toEqual({})
})

test('an address from when a list had pages opens it at its beginning', () => {
  expect(readListSearch({ q: 'llama', pages: 3 })).toEqual({ q: 'llama' })
})

test('asks for no more than the hub can bear', () => {
  expect(readListSearch({ q: 'x'.repeat(900) }).q).toHaveLength(200)
  expect(readListSearch({ model: 'x'.repeat(5_000) })).toEqual({})
})
