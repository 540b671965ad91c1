import type { UsageKey } from '@hub/shared'

/** How far back. */
export const ranges = { day: 1, week: 7, month: 30, quarter: 90, year: 365 } as const
export type Range = keyof typeof ranges
export const rangeDefault: Range = 'week'

export const measures = ['requests', 'tokens', 'gpuHours'] as const
export type Measure = (typeof measures)[number]

/** What the address says: whose use, by what, how far back, and what the chart shows. */
export interface UsageSearch {
  who?: 'all'
  by?: UsageKey
  range?: Range
  measure?: Measure
}

const hourMs = 3_600_000

/** The same for a whole hour, so that the same is asked for again. */
export function toUsageQuery(
  { by = 'model', range = rangeDefault, who }: UsageSearch,
  now: number,
) {
  const from = Math.floor(now / hourMs) * hourMs - ranges[range] * 24 * hourMs
  return { who: who ?? 'me', by, from: new Date(from).toISOString() } as const
}
