import type { InstanceList } from '@hub/shared'
import type { Instances } from '#clusters'
import type { RequestContext } from '#context'
import type { Fleet } from '#fleet'
import { isAllowed, unauthenticated } from '#rbac'
import type { Closures } from './maintenance/maintenance.ts'
import { presentInstance } from './present.ts'

export type InstanceDeps = {
  instances: Instances
  fleet: Pick<Fleet, 'describeInstance' | 'knownNamespaces' | 'visibilityOf'>
  closures: Pick<Closures, 'of'>
}

/** The instances the caller may see. Throws `unauthenticated`. */
export function listInstances(ctx: RequestContext, deps: InstanceDeps): InstanceList {
  if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
  const visible = deps.instances
    .list()
    .filter(({ id }) => isAllowed(ctx, 'instance.view', { instance: id, namespace: null }))
  const visibility = deps.fleet.visibilityOf(ctx)
  return {
    items: visible.map((instance) =>
      presentInstance(ctx, instance, {
        ...deps.fleet.describeInstance(ctx, instance.id, visibility),
        maintenance: deps.closures.of(instance.id),
      }),
    ),
  }
}
