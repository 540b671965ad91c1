import * as z from 'zod'

/** What is told of how a model is doing, in the same words whichever engine runs it, and in which unit. */
export const metricUnits = {
  requestsRunning: 'requests',
  requestsWaiting: 'requests',
  requestsFinished: 'requests/s',
  requestsFailed: 'requests/s',
  promptTokens: 'tokens/s',
  generatedTokens: 'tokens/s',
  firstTokenP50: 'seconds',
  firstTokenP95: 'seconds',
  firstTokenP99: 'seconds',
  interTokenP50: 'seconds',
  interTokenP95: 'seconds',
  interTokenP99: 'seconds',
  kvCacheUse: 'fraction',
  prefixHitRate: 'fraction',
} as const satisfies Record<string, string>
export type MetricName = keyof typeof metricUnits
export const metricNames = Object.keys(metricUnits) as [MetricName, ...MetricName[]]

export const MetricsQuery = z.strictObject({
  range: z.enum(['15m', '1h', '2h'], 'must be 15m, 1h or 2h').default('15m'),
})
export type MetricsQuery = z.infer<typeof MetricsQuery>

/**
 * How a model did, by moment of `at`, oldest first. `values` are null where nothing is known of that moment; a series that
 * its engine does not tell is left out. Rates and percentiles are of the time since the moment before. `engine` is whose
 * words its metrics are in, `source` who was asked, `since` when the hub began to read them and `latestAt` when it last could. `reason` says why
 * there is nothing, or nothing newer; `note` what is to be known of what there is.
 */
export const DeploymentMetrics = z.object({
  source: z.enum(['engine', 'prometheus']),
  engine: z.string().nullable(),
  since: z.iso.datetime().nullable(),
  latestAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  note: z.string().nullable(),
  at: z.array(z.iso.datetime()),
  series: z.array(
    z.object({
      name: z.enum(metricNames),
      unit: z.enum(['requests', 'requests/s', 'tokens/s', 'seconds', 'fraction']),
      values: z.array(z.number().nullable()),
    }),
  ),
})
export type DeploymentMetrics = z.infer<typeof DeploymentMetrics>
