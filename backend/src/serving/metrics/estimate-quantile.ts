import type { Buckets } from './read-engine.ts'

/**
 * The value that so large a share of the observations do not exceed, as Prometheus' `histogram_quantile` estimates it:
 * evenly spread within a bucket, and the last finite bound for what lies beyond it. Null where nothing was observed.
 */
export function estimateQuantile(buckets: Buckets, share: number): number | null {
  const total = buckets.at(-1)?.count ?? 0
  if (total <= 0) return null
  const rank = share * total
  const index = buckets.findIndex(({ count }) => count >= rank)
  const { bound, count } = buckets[index]!
  const below = buckets[index - 1]
  if (bound === Infinity) return below?.bound ?? null
  const lower = below?.bound ?? Math.min(0, bound)
  const within = count - (below?.count ?? 0)
  if (within <= 0) return bound
  return lower + (bound - lower) * ((rank - (below?.count ?? 0)) / within)
}
