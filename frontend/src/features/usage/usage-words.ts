import type { Usage, UsageItem, UsageKey } from '@hub/shared'
import type { ChartData } from '../../components/chart/chart-data.ts'
import type { Measure, Range } from './usage-search.ts'

export const keyLabels: Record<UsageKey, string> = {
  model: 'Model',
  instance: 'Instance',
  namespace: 'Namespace',
  caller: 'Person or program',
  team: 'Group',
}

export const rangeLabels: Record<Range, string> = {
  day: 'The last 24 hours',
  week: 'The last 7 days',
  month: 'The last 30 days',
  quarter: 'The last 90 days',
  year: 'The last year',
}

export const measureLabels: Record<Measure, string> = {
  requests: 'Requests',
  tokens: 'Tokens',
  gpuHours: 'GPU hours',
}

/** Within a sentence. */
export const measureWords: Record<Measure, string> = {
  requests: 'requests',
  tokens: 'tokens',
  gpuHours: 'GPU hours',
}

const linesMax = 5

/** The lines of those with most of it, and one of all others. */
export function toChart({ at, items }: Usage, measure: Measure): ChartData {
  const ordered = items
    .filter((item) => sum(item, measure) > 0)
    .toSorted((a, b) => sum(b, measure) - sum(a, measure))
  const others = ordered.slice(linesMax)
  const lines = ordered.slice(0, linesMax).map((item, index) => ({
    name: item.label,
    color: `var(--hub-holder-${index})`,
    values: item.series[measure],
  }))
  const rest = {
    name: `${others.length} more`,
    color: 'var(--hub-holder-others)',
    values: at.map((_, index) =>
      others.reduce((all, { series }) => all + (series[measure][index] ?? 0), 0),
    ),
  }
  return {
    at: at.map((time) => Date.parse(time)),
    series: others.length === 0 ? lines : [...lines, rest],
  }
}

function sum({ series }: UsageItem, measure: Measure): number {
  return series[measure].reduce((all, value) => all + value, 0)
}

export function formatCount(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 })
}

/** "350 ms", "1.2 s" */
export function formatWait(ms: number | null): string {
  if (ms === null) return '–'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${formatCount(ms / 1000)} s`
}
