import type { CapacityNow, Instance, InstanceHealth } from '@hub/shared'
import type { ClusterInstance, Instances } from '#clusters'
import type { RequestContext } from '#context'
import { authorize, instanceNotFound } from '#rbac'
import type { InstanceDeps } from './list-instances.ts'
import { presentInstance } from './present.ts'

/** One instance. Throws `not-found`, the same for one that is not there and one the caller may not see. */
export function getInstance(ctx: RequestContext, deps: InstanceDeps, id: string): Instance {
  const instance = requireInstance(ctx, deps, id)
  return presentInstance(ctx, instance, {
    ...deps.fleet.describeInstance(ctx, id),
    maintenance: deps.closures.of(id),
  })
}

export type HealthDeps = InstanceDeps & {
  /** What is wrong with the ways to its models, for whoever administers it. */
  modelWarnings: (instance: string) => readonly string[]
}

/** How it does. Throws as `getInstance` does. */
export function getHealth(ctx: RequestContext, deps: HealthDeps, id: string): InstanceHealth {
  const { abilities, ...instance } = getInstance(ctx, deps, id)
  const { apiGroup, heardAt, kubernetesVersion, runtimes, status } = instance
  const warnings = abilities.manage ? [...instance.warnings, ...deps.modelWarnings(id)] : []
  return { instance: id, status, heardAt, kubernetesVersion, apiGroup, runtimes, warnings }
}

/** Its accelerators. Throws as `getInstance` does. */
export function getCapacity(ctx: RequestContext, deps: InstanceDeps, id: string): CapacityNow {
  const { capacity, heardAt: asOf, status } = getInstance(ctx, deps, id)
  const { reason, state } = status
  return { ...capacity, asOf, instanceStatus: { state, reason } }
}

/** The instance behind an id, for whoever may see it. Throws `unauthenticated`, `not-found`. */
export function requireInstance(
  ctx: RequestContext,
  deps: { instances: Instances },
  id: string,
): ClusterInstance {
  authorize(ctx, 'instance.view', { instance: id, namespace: null })
  const instance = deps.instances.find(id)
  if (!instance) throw instanceNotFound(ctx, id)
  return instance
}
