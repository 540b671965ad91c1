import { describe, expect, test } from 'vitest'
import { compareReadings } from './compare-readings.ts'
import { estimateQuantile } from './estimate-quantile.ts'
import type { Buckets, Reading } from './read-engine.ts'

const bucketsOf = (...counts: number[]): Buckets =>
  counts.map((count, index) => ({ bound: [0.1, 0.2, 0.4, Infinity][index]!, count }))

const reading = (more: Partial<Reading>): Reading => ({
  engine: 'vllm',
  process: null,
  gauges: {},
  counters: {},
  distributions: {},
  ...more,
})

describe('two readings', () => {
  test('tell gauges as they are, and how much came in between', () => {
    const before = reading({
      gauges: { requestsRunning: 9 },
      counters: { generatedTokens: 100, promptTokens: 50, prefixHits: 10, prefixQueries: 20 },
      distributions: { firstToken: bucketsOf(10, 10, 10, 10) },
    })
    const now = reading({
      gauges: { requestsRunning: 2, kvCacheUse: 0.5 },
      counters: { generatedTokens: 400, promptTokens: 50, prefixHits: 40, prefixQueries: 60 },
      distributions: { firstToken: bucketsOf(10, 60, 110, 110) },
    })
    expect(compareReadings(now, before, 15)).toEqual({
      requestsRunning: 2,
      kvCacheUse: 0.5,
      generatedTokens: 20,
      promptTokens: 0,
      prefixHitRate: 0.75,
      firstTokenP50: 0.2,
      firstTokenP95: expect.closeTo(0.38),
      firstTokenP99: expect.closeTo(0.396),
    })
  })

  test.each<[string, Partial<Reading>]>([
    ['a counter went back', { counters: { generatedTokens: 5 } }],
    ['fewer were observed', { distributions: { firstToken: bucketsOf(0, 0, 1, 1) } }],
  ])('tell nothing of the time between where %s', (_, now) => {
    const before = reading({
      counters: { generatedTokens: 100, promptTokens: 5 },
      distributions: { firstToken: bucketsOf(1, 2, 3, 4) },
    })
    const point = compareReadings(
      reading({ counters: { promptTokens: 6 }, gauges: { requestsRunning: 1 }, ...now }),
      before,
      15,
    )
    expect(point).toEqual(
      now.counters === undefined ? { requestsRunning: 1 } : { requestsRunning: 1 },
    )
  })

  test('are needed for rates, and have to be apart', () => {
    const now = reading({ counters: { generatedTokens: 5 }, gauges: { requestsWaiting: 0 } })
    expect(compareReadings(now, null, 15)).toEqual({ requestsWaiting: 0 })
    expect(compareReadings(now, now, 0)).toEqual({ requestsWaiting: 0 })
  })

  test('tell no percentile of nothing, nor across other bounds', () => {
    const before = reading({ distributions: { firstToken: bucketsOf(1, 2, 3, 4) } })
    expect(compareReadings(before, before, 15)).toEqual({})
    const fewer = reading({ distributions: { firstToken: bucketsOf(1, 2, 9) } })
    expect(compareReadings(fewer, before, 15)).toEqual({})
  })
})

describe('a quantile', () => {
  test.each<[string, Buckets, number, number]>([
    ['within the first bucket begins at nothing', bucketsOf(10, 10, 10, 10), 0.5, 0.05],
    ['within a later one', bucketsOf(0, 10, 10, 10), 0.5, 0.15],
    ['beyond the last bound is that', bucketsOf(0, 0, 0, 10), 0.5, 0.4],
  ])('%s', (_, buckets, share, expected) => {
    expect(estimateQuantile(buckets, share)).toBeCloseTo(expected)
  })

  test.each<[string, Buckets]>([
    ['of nothing', bucketsOf(0, 0, 0, 0)],
    ['with no finite bound', [{ bound: Infinity, count: 3 }]],
    ['with no bound at all', []],
  ])('%s is not known', (_, buckets) => {
    expect(estimateQuantile(buckets, 0.5)).toBeNull()
  })
})
