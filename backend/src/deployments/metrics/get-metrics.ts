import { metricUnits, type DeploymentMetrics, type MetricsQuery } from '@hub/shared'
import type { Clock, RequestContext } from '#context'
import { authorize } from '#rbac'
import { requireDeployment } from '../get.ts'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import type { FollowedModel } from './follow-model.ts'
import type { MetricsWatch } from './watch-metrics.ts'

const rangeMs = { '15m': 15 * 60_000, '1h': 60 * 60_000, '2h': 2 * 60 * 60_000 }

/**
 * How a model did lately, as far as somebody looked. Who may see the deployment may see this, whatever the cluster lets
 * them ask itself. Throws what `getDeployment` throws.
 */
export async function getDeploymentMetrics(
  ctx: RequestContext,
  deps: DeploymentDeps & { metrics: MetricsWatch; now: Clock },
  at: DeploymentCoordinates,
  { range }: MetricsQuery,
): Promise<DeploymentMetrics> {
  authorize(ctx, 'deployment.view', at)
  const deployment = requireDeployment(ctx, deps, at)
  if (deployment.endpoint === null) return { ...nothing, reason: deployment.sentence }
  const model = await deps.metrics.look(deployment)
  const isReady = (deployment.replicas.running ?? deployment.replicas.ready) > 0
  return {
    ...present(model, deps.now().getTime() - rangeMs[range]),
    reason: model.fault && !isReady ? deployment.sentence : model.fault,
    note: describePods(model),
  }
}

const nothing: DeploymentMetrics = {
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
    engine,
    since: toTime(since),
    latestAt: toTime(latestAt),
    at: at.map((ms) => new Date(ms).toISOString()),
    series: [...columns]
      .filter(([, values]) => values.some((value) => !Number.isNaN(value)))
      .map(([name, values]) => ({ name, unit: metricUnits[name], values: values.map(round) })),
  }
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
