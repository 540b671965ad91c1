import type { DeploymentMetrics, MetricName } from '@hub/shared'
import type { ChartData } from '../../../components/chart/chart-data.ts'

export interface MetricChart {
  title: string
  /** What it is, for whoever does not know the word. */
  about: string
  lines: readonly { metric: MetricName; name: string }[]
  format: (value: number) => string
  /** Up to where its scale goes at least. */
  atLeast: number
}

/** The charts of a model that runs, the most asked for first. */
export const metricCharts: readonly MetricChart[] = [
  {
    title: 'Requests',
    about: 'Being answered, and waiting for their turn.',
    lines: [
      { metric: 'requestsRunning', name: 'Running' },
      { metric: 'requestsWaiting', name: 'Waiting' },
    ],
    format: formatCount,
    atLeast: 4,
  },
  {
    title: 'Tokens per second',
    about: 'Written, and read in prompts.',
    lines: [
      { metric: 'generatedTokens', name: 'Out' },
      { metric: 'promptTokens', name: 'In' },
    ],
    format: (value) => `${formatCount(value)}/s`,
    atLeast: 10,
  },
  {
    title: 'Time to first token',
    about: 'How long half, 95 % and 99 % of requests waited at most.',
    lines: [
      { metric: 'firstTokenP50', name: 'p50' },
      { metric: 'firstTokenP95', name: 'p95' },
      { metric: 'firstTokenP99', name: 'p99' },
    ],
    format: formatSeconds,
    atLeast: 0.1,
  },
  {
    title: 'Time between tokens',
    about: 'The pace at which an answer is written.',
    lines: [
      { metric: 'interTokenP50', name: 'p50' },
      { metric: 'interTokenP95', name: 'p95' },
      { metric: 'interTokenP99', name: 'p99' },
    ],
    format: formatSeconds,
    atLeast: 0.05,
  },
  {
    title: 'Cache',
    about: 'Memory for keys and values in use, and prompts that were there already.',
    lines: [
      { metric: 'kvCacheUse', name: 'KV cache in use' },
      { metric: 'prefixHitRate', name: 'Prefix hits' },
    ],
    format: (value) => `${Math.round(value * 100)} %`,
    atLeast: 1,
  },
  {
    title: 'Finished requests',
    about: 'Per second; those that failed ended without an answer, or their caller left.',
    lines: [
      { metric: 'requestsFinished', name: 'All' },
      { metric: 'requestsFailed', name: 'Failed' },
    ],
    format: (value) => `${formatCount(value)}/s`,
    atLeast: 1,
  },
]

/** A line of two readings is no wall. */
const spanMs = 2 * 60_000
const colors = ['var(--hub-tone-busy)', 'var(--hub-tone-neutral)', 'var(--hub-tone-warning)']

/** The lines of a chart that the engine tells of. */
export function toChartData(chart: MetricChart, metrics: DeploymentMetrics): ChartData {
  const { atLeast, format, lines } = chart
  return {
    at: metrics.at.map((moment) => Date.parse(moment)),
    series: lines.flatMap(({ metric, name }, index) => {
      const found = metrics.series.find((each) => each.name === metric)
      return found ? [{ name, color: colors[index]!, values: found.values }] : []
    }),
    format,
    atLeast,
    spanMs,
  }
}

/** The newest that is known, unless it is old news: the latest moments know nothing. */
export function findLatest(values: readonly (number | null)[]): number | null {
  return values.slice(-2).findLast((value) => value !== null) ?? null
}

function formatCount(value: number): string {
  return new Intl.NumberFormat('en-GB', {
    maximumFractionDigits: value < 10 ? 1 : 0,
    ...(value >= 10_000 && { notation: 'compact', maximumFractionDigits: 1 }),
  }).format(value)
}

function formatSeconds(value: number): string {
  if (value < 1) return `${Number((value * 1000).toPrecision(2))} ms`
  return `${Number(value.toPrecision(3))} s`
}
