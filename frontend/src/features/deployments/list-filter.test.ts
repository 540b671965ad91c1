import { expect, test } from 'vitest'
import { readSort, toFilter, writeSort } from './list-filter.ts'

test('a sort is a field, with a minus before it for descending', () => {
  expect(readSort('createdAt')).toEqual({ field: 'createdAt', descending: false })
  expect(readSort('-phase')).toEqual({ field: 'phase', descending: true })
  expect(readSort('shoe-size')).toBeNull()
  expect(readSort(undefined)).toBeNull()
  expect(writeSort({ field: 'phase', descending: true })).toBe('-phase')
})

test('the same list is asked for however its address is written', () => {
  expect(toFilter({ q: '  ' }, undefined)).toEqual(toFilter({}, undefined))
  expect(toFilter({ sort: 'name' }, undefined)).toEqual(toFilter({}, undefined))
})

test("an instance's own page never shows another one's deployments", () => {
  expect(toFilter({ instance: 'prod-west' }, 'prod-east').instance).toBe('prod-east')
  expect(toFilter({ instance: 'prod-west' }, undefined).instance).toBe('prod-west')
})
