import {
  metricUnits,
  type DeploymentMetrics,
  type MetricName,
  type MetricsQuery,
} from '@hub/shared'
import type { Clock, RequestContext } from '#context'
import type { FleetDeployment } from '#fleet'
import { authorize } from '#rbac'
import type { RangeReading } from '#serving'
import { requireDeployment } from '../get.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import type { FollowedModel } from './follow-model.ts'
import type { MetricsWatch } from './watch-metrics.ts'

const rangeMs = { '15m': 15 * 60_000, '1h': 60 * 60_000, '2h': 2 * 60 * 60_000 }

export type MetricsDeps = DeploymentDeps & {
  metrics: MetricsWatch
  now: Clock
  askRange: AskRange
}

/** Null for an instance that has none. */
export type AskRange = (
  deployment: FleetDeployment,
  rangeSeconds: number,
) => Promise<RangeReading | { fault: string }> | null

/**
 * How a model did lately, as far as somebody looked. Who may see the deployment may see this, whatever the cluster lets
 * them ask itself. Throws what `getDeployment` throws.
 */
export async function getDeploymentMetrics(
  ctx: RequestContext,
  deps: MetricsDeps,
  at: DeploymentCoordinates,
  { range }: MetricsQuery,
): Promise<DeploymentMetrics> {
  authorize(ctx, 'deployment.view', at)
  const deployment = requireDeployment(ctx, deps, at)
  if (deployment.endpoint === null) return { ...nothing, reason: deployment.sentence }
  const asked = await deps.askRange(deployment, rangeMs[range] / 1000)
  if (asked) return presentRange(asked)
  const model = await deps.metrics.look(deployment)
  const isReady = (deployment.replicas.running ?? deployment.replicas.ready) > 0
  return {
    ...present(model, deps.now().getTime() - rangeMs[range]),
    reason: model.fault && !isReady ? deployment.sentence : model.fault,
    note: describePods(model),
  }
}

const nothing: DeploymentMetrics = {
  source: 'engine',
  engine: null,
  since: null,
  latestAt: null,
  reason: null,
  note: null,
  at: [],
  series: [],
}

function present(
  { engine, latestAt, points, since }: FollowedModel,
  from: number,
): Omit<DeploymentMetrics, 'reason' | 'note'> {
  const { at, columns } = points.since(from)
  return {
    source: 'engine',
    engine,
    since: toTime(since),
    latestAt: toTime(latestAt),
    at: at.map((ms) => new Date(ms).toISOString()),
    series: presentColumns(columns),
  }
}

/** What a Prometheus has, or why there is nothing of it. */
function presentRange(read: RangeReading | { fault: string }): DeploymentMetrics {
  if ('fault' in read) return { ...nothing, source: 'prometheus', reason: read.fault }
  const { at, columns, engine } = read
  const isKnownAt = (index: number) =>
    [...columns.values()].some((values) => !Number.isNaN(values[index]))
  const known = at.filter((_, index) => isKnownAt(index))
  return {
    source: 'prometheus',
    engine,
    since: toTime(known[0] ?? null),
    latestAt: toTime(known.at(-1) ?? null),
    reason: null,
    note: 'Values are of all its pods together. Rates and percentiles are of the two minutes before each moment.',
    at: at.map((ms) => new Date(ms).toISOString()),
    series: presentColumns(columns),
  }
}

function presentColumns(
  columns: ReadonlyMap<MetricName, readonly number[]>,
): DeploymentMetrics['series'] {
  return [...columns]
    .filter(([, values]) => values.some((value) => !Number.isNaN(value)))
    .map(([name, values]) => ({ name, unit: metricUnits[name], values: values.map(round) }))
}

/** What a chart can show; NaN is what is not known. */
function round(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(4))
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

function describePods({ isOneOfMany, pods }: FollowedModel): string | null {
  if (pods <= 1) return null
  const rates = isOneOfMany
    ? ' Its engine does not say which one answered, so rates and percentiles cannot be told.'
    : ''
  return `${pods} pods serve it, and each reading is of the one that answered: values are of one pod, not of all.${rates}`
}
