import type { Usage, UsageItem } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import { toUsageQuery } from './usage-search.ts'
import { formatWait, toChart } from './usage-words.ts'

const item = (key: string, requests: number[]): UsageItem => ({
  key,
  label: key,
  requests: 0,
  errors: 0,
  promptTokens: 0,
  completionTokens: 0,
  firstByteMs: null,
  gpuHours: 0,
  series: { requests, tokens: requests.map(() => 0), gpuHours: requests.map(() => 0) },
})
const usage = (items: UsageItem[]): Usage => ({
  from: '2030-01-01T00:00:00Z',
  to: '2030-01-03T00:00:00Z',
  every: 'day',
  by: 'model',
  at: ['2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z'],
  total: item('', []),
  items,
  more: 0,
})

describe('the chart', () => {
  it('has a line for each of those with most, and one for all others', () => {
    const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key, at) => item(key, [at, at + 1]))
    const { series } = toChart(usage(items), 'requests')
    expect(series.map(({ name }) => name)).toEqual(['g', 'f', 'e', 'd', 'c', '2 more'])
    expect(series.at(-1)!.values).toEqual([1, 3])
  })

  it('has no line for what was not used', () => {
    expect(toChart(usage([item('a', [1, 0])]), 'tokens').series).toEqual([])
  })
})

describe('the question', () => {
  it('is the same for a whole hour', () => {
    const at = (time: string) => toUsageQuery({}, Date.parse(time))
    expect(at('2030-01-08T10:59:00Z')).toEqual({
      who: 'me',
      by: 'model',
      from: '2030-01-01T10:00:00.000Z',
    })
    expect(at('2030-01-08T10:01:00Z')).toEqual(at('2030-01-08T10:59:00Z'))
  })
})

describe('formatWait', () => {
  it.each([
    [null, '–'],
    [350.4, '350 ms'],
    [1_240, '1.2 s'],
  ])('%s: %s', (ms, words) => {
    expect(formatWait(ms)).toBe(words)
  })
})
