import type { Job } from '#context'
import type { Fleet } from '#fleet'
import { isReady } from '#serving'
import { modelsMax, type MetricsWatch } from './watch-metrics.ts'

const everySeconds = 60

/** Reads the metrics of every model that runs, whether or not somebody looks; of no more than are kept. */
export function createFleetMetricsJob({
  fleet,
  hasPrometheus,
  metrics,
}: {
  fleet: Pick<Fleet, 'list'>
  metrics: Pick<MetricsWatch, 'visit'>
  /** What a Prometheus keeps is not read as well. */
  hasPrometheus: (instance: string) => boolean
}): Job {
  return {
    name: 'deployments.metrics',
    everySeconds,
    firstWaitSeconds: 30,
    failure: 'the metrics of models could not be read',
    run: async () => {
      const running = fleet
        .list()
        .filter((each) => isReady(each) && !hasPrometheus(each.instance))
        .slice(0, modelsMax)
      await Promise.all(running.map((deployment) => metrics.visit(deployment)))
    },
  }
}
