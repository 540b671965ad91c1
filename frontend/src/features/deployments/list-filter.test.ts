import { expect, test } from 'vitest'
import {
  hasFilter,
  readSort,
  toFilter,
  withField,
  withoutFilters,
  writeSort,
} from './list-filter.ts'

const fleet = { instance: undefined, person: 'oidc:alice' }

test('a sort is a field, with a minus before it for descending', () => {
  expect(readSort('createdAt')).toEqual({ field: 'createdAt', descending: false })
  expect(readSort('-phase')).toEqual({ field: 'phase', descending: true })
  expect(readSort('shoe-size')).toBeNull()
  expect(readSort(undefined)).toBeNull()
  expect(writeSort({ field: 'phase', descending: true })).toBe('-phase')
})

test('trouble comes first where the address says nothing else', () => {
  expect(toFilter({}, fleet)).toEqual({ sort: 'status' })
})

test('the same list is asked for however its address is written', () => {
  expect(toFilter({ q: '  ' }, fleet)).toEqual(toFilter({}, fleet))
  expect(toFilter({ sort: 'status' }, fleet)).toEqual(toFilter({}, fleet))
  expect(toFilter({ owner: 'me' }, fleet)).toEqual(toFilter({ owner: 'oidc:alice' }, fleet))
})

test("an instance's own page never shows another one's deployments", () => {
  const own = { ...fleet, instance: 'prod-east' }
  expect(toFilter({ instance: 'prod-west' }, own).instance).toBe('prod-east')
  expect(toFilter({ instance: 'prod-west' }, fleet).instance).toBe('prod-west')
})

test('an order alone narrows nothing, and stays when the filters go', () => {
  const search = { q: 'llama', gpu: 'none', sort: '-name' }
  expect(hasFilter(search)).toBe(true)
  expect(withoutFilters(search)).toEqual({ sort: '-name' })
  expect(hasFilter(withoutFilters(search))).toBe(false)
})

test('a field is set, or leaves the address', () => {
  expect(withField({ q: 'llama' }, 'engine', 'vllm')).toEqual({ q: 'llama', engine: 'vllm' })
  expect(withField({ q: 'llama', engine: 'vllm' }, 'engine', null)).toEqual({ q: 'llama' })
  expect(withField({ q: 'llama' }, 'q', '')).toEqual({})
})
