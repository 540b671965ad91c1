import { expect, test } from 'vitest'
import { thinOut } from './chart-data.ts'

test('a table shows some moments of a chart, the first and the last among them', () => {
  const at = Array.from({ length: 361 }, (_, index) => index * 60_000)
  const data = { at, series: [{ name: 'used', color: 'red', values: at.map((_, index) => index) }] }
  const thin = thinOut(data, 13)
  expect(thin.at).toHaveLength(13)
  expect([thin.at[0], thin.at.at(-1)]).toEqual([0, 360 * 60_000])
  expect(thin.series[0]?.values.slice(0, 2)).toEqual([0, 30])
  expect(thinOut(data, 400)).toBe(data)
})
