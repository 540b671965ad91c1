import type { MetricName } from '@hub/shared'
import { estimateQuantile } from './estimate-quantile.ts'
import type { Counter } from './engine-names.ts'
import type { Buckets, Reading } from './read-engine.ts'

/** What is known of one moment; what is not is left out. */
export type MetricPoint = Partial<Record<MetricName, number>>

const rates = ['requestsFinished', 'requestsFailed', 'promptTokens', 'generatedTokens'] as const
const quantiles = { P50: 0.5, P95: 0.95, P99: 0.99 } as const

/**
 * A moment as its gauges tell it and, where the same process was read before, what came between. Counters that went back
 * are those of a process that began anew, and tell nothing of the time before.
 */
export function compareReadings(
  now: Reading,
  before: Reading | null,
  seconds: number,
): MetricPoint {
  const point: MetricPoint = { ...now.gauges }
  if (before === null || seconds <= 0 || beganAnew(now, before)) return point
  const grown = (name: Counter) => {
    const [was, is] = [before.counters[name], now.counters[name]]
    return was === undefined || is === undefined ? null : is - was
  }
  for (const name of rates) {
    const more = grown(name)
    if (more !== null) point[name] = more / seconds
  }
  const [hits, queries] = [grown('prefixHits'), grown('prefixQueries')]
  if (hits !== null && queries !== null && queries > 0) {
    point.prefixHitRate = Math.min(1, hits / queries)
  }
  for (const name of ['firstToken', 'interToken'] as const) {
    const [was, is] = [before.distributions[name], now.distributions[name]]
    const between = was && is && subtract(is, was)
    if (!between) continue
    for (const [suffix, share] of Object.entries(quantiles) as ['P50', number][]) {
      const value = estimateQuantile(between, share)
      if (value !== null) point[`${name}${suffix}`] = value
    }
  }
  return point
}

function beganAnew(now: Reading, before: Reading): boolean {
  const names = Object.keys(before.counters) as Counter[]
  if (names.some((name) => (now.counters[name] ?? Infinity) < before.counters[name]!)) return true
  return (['firstToken', 'interToken'] as const).some((name) => {
    const [was, is] = [before.distributions[name]?.at(-1), now.distributions[name]?.at(-1)]
    return was !== undefined && is !== undefined && is.count < was.count
  })
}

/** Null where the two have other bounds. */
function subtract(now: Buckets, before: Buckets): Buckets | null {
  if (now.length !== before.length) return null
  let least = 0
  const between: { bound: number; count: number }[] = []
  for (const [index, { bound, count }] of now.entries()) {
    const was = before[index]!
    if (was.bound !== bound) return null
    // Scrapes read one bucket after another, while requests end.
    least = Math.max(least, count - was.count)
    between.push({ bound, count: least })
  }
  return between
}
