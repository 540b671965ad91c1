import type { DeploymentMetrics } from '@hub/shared'
import { expect, test } from 'vitest'
import { findLatest, metricCharts, toChartData } from './metric-charts.ts'

const chartOf = (title: string) => metricCharts.find((chart) => chart.title === title)!

test('a chart has the lines that the engine tells of, and no others', () => {
  const metrics: DeploymentMetrics = {
    source: 'engine',
    engine: 'llamacpp',
    since: null,
    latestAt: null,
    reason: null,
    note: null,
    at: ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:15.000Z'],
    series: [{ name: 'requestsRunning', unit: 'requests', values: [1, null] }],
  }
  const { at, series } = toChartData(chartOf('Requests'), metrics)
  expect(at[1]! - at[0]!).toBe(15_000)
  expect(series.map(({ name, values }) => [name, values])).toEqual([['Running', [1, null]]])
  expect(toChartData(chartOf('Time to first token'), metrics).series).toEqual([])
})

test.each([
  ['Requests', 3, '3'],
  ['Requests', 12_345, '12.3k'],
  ['Tokens per second', 1.25, '1.3/s'],
  ['Time to first token', 0.0423, '42 ms'],
  ['Time to first token', 2.3456, '2.35 s'],
  ['Cache', 0.426, '43 %'],
])('%s: %d is written %s', (title, value, written) => {
  expect(chartOf(title).format(value)).toBe(written)
})

test('the latest value is of the last two moments, or not known', () => {
  expect(findLatest([1, 2, null])).toBe(2)
  expect(findLatest([1, null, null])).toBeNull()
  expect(findLatest([])).toBeNull()
})
