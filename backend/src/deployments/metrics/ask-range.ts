import type { Fleet, FleetDeployment } from '#fleet'
import type { Prometheus } from '#serving'
import { contextOfHub, type OfHub } from './context-of-hub.ts'

export type RangeDeps = OfHub & { prometheus: Prometheus; fleet: Pick<Fleet, 'list'> }

/** Each is taken out of the question by its name. */
const othersMax = 50

/** What the Prometheus of an instance has of a deployment, once for all who look. */
export function askRange(
  deps: RangeDeps,
  deployment: FleetDeployment,
  rangeSeconds: number,
): ReturnType<Prometheus['ask']> {
  const { engine, instance, name, namespace } = deployment
  // Pods are told apart by how their names begin, and these begin so too.
  const others = deps.fleet
    .list({ instance })
    .filter((each) => each.namespace === namespace && each.name.startsWith(`${name}-`))
    .map((each) => each.name)
    .slice(0, othersMax)
  const ctx = contextOfHub(deps)
  return deps.prometheus.ask(ctx, { engine, instance, name, namespace, others }, rangeSeconds)
}
