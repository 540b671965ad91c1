import type { InstanceList } from '@hub/shared'
import type { RequestContext } from '#context'
import type { ClusterError } from '#kube'
import { isAllowed, unauthenticated } from '#rbac'
import type { Instances } from './create-instances.ts'
import { presentInstance, type InstanceFacts } from './present.ts'

export type InstanceDeps = {
  instances: Instances
  /** The fleet knows what is deployed; it stands above this folder. */
  fleet: {
    describeInstance(ctx: RequestContext, instanceId: string): InstanceFacts
    knownNamespaces(instanceId: string): {
      items: readonly { name: string; isActive: boolean }[] | null
      error: ClusterError | null
    }
  }
}

/** The instances the caller may see. Throws `unauthenticated`. */
export function listInstances(ctx: RequestContext, deps: InstanceDeps): InstanceList {
  if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
  const visible = deps.instances
    .list()
    .filter(({ id }) => isAllowed(ctx, 'instance.view', { instance: id, namespace: null }))
  return {
    items: visible.map((instance) =>
      presentInstance(ctx, instance, deps.fleet.describeInstance(ctx, instance.id)),
    ),
  }
}
