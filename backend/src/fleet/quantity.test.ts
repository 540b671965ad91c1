import { expect, it } from 'vitest'
import { readCount, readMebibytes, readQuantity } from './quantity.ts'

it.each<[unknown, number | null]>([
  ['8', 8],
  [8, 8],
  ['8000m', 8],
  ['8001m', 9],
  ['1k', 1000],
  ['1.1k', 1100],
  ['1e3', 1000],
  ['1E3', 1000],
  ['12E2', 1200],
  ['15e-1', 2],
  ['1E', 1e12],
  ['+8', 8],
  ['-1', -1],
  ['8.', 8],
  ['.5k', 500],
  ['0.008k', 8],
  ['1Ki', 1024],
  ['1.5Gi', 1_610_612_736],
  ['500u', 1],
  ['1n', 1],
  ['0', 0],
  ['1P', 1e12],
  ['1Ei', 1e12],
  ['1e999', 1e12],
  ['1e-999', 0],
  [' 8', null],
  ['8 ', null],
  ['8\n', null],
  ['', null],
  ['.', null],
  ['k', null],
  ['1K', null],
  ['1mi', null],
  ['1e', null],
  ['1_000', null],
  ['0x8', null],
  ['1.2.3', null],
  ['9'.repeat(50), null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [null, null],
  [{}, null],
])('H50: %j is %j, as Kubernetes parses quantities', (value, expected) => {
  expect(readQuantity(value)).toBe(expected)
})

it('H50: a count is never less than nothing, and sums of the largest stay whole', () => {
  expect(readCount('-3')).toBe(0)
  expect(readCount('many')).toBe(0)
  expect(Number.isSafeInteger(readCount('9E') * 5_000)).toBe(true)
})

it('H50: bytes become MiB', () => {
  expect(readMebibytes('80Gi')).toBe(81_920)
  expect(readMebibytes('85899345920')).toBe(81_920)
  expect(readMebibytes('-1Gi')).toBeNull()
})
