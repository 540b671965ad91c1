import type { Instance } from '@hub/shared'
import type { ClusterInstance, Instances } from '#clusters'
import type { RequestContext } from '#context'
import { authorize, instanceNotFound } from '#rbac'
import type { InstanceDeps } from './list-instances.ts'
import { presentInstance } from './present.ts'

/** One instance. Throws `not-found`, the same for one that is not there and one the caller may not see. */
export function getInstance(ctx: RequestContext, deps: InstanceDeps, id: string): Instance {
  const instance = requireInstance(ctx, deps, id)
  return presentInstance(ctx, instance, deps.fleet.describeInstance(ctx, id))
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
