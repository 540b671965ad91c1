import type { Deployment, DeploymentList, DeploymentStatusFilter } from '@hub/shared'
import type { RequestContext } from '#context'
import { requireInstance, type Instances } from '#instances'
import { isAllowed, unauthenticated } from '#rbac'
import type { Fleet } from './create-fleet.ts'
import type { FleetDeployment } from './present-deployment.ts'

export type FleetDeps = { instances: Instances; fleet: Fleet }

/**
 * The deployments the caller may see, from memory: no cluster is asked. Throws `unauthenticated`, and `not-found` where
 * one instance is asked for that the caller cannot see.
 */
export function listDeployments(
  ctx: RequestContext,
  { fleet, instances }: FleetDeps,
  query: { instance?: string | undefined } = {},
): DeploymentList {
  if (ctx.actor.type === 'anonymous') throw unauthenticated()
  const asked =
    query.instance === undefined
      ? instances.list()
      : [requireInstance(ctx, { instances }, query.instance)]
  const visible = asked.filter(({ id }) =>
    isAllowed(ctx, 'instance.view', { instance: id, namespace: null }),
  )
  const items = visible.flatMap(({ id }) => presentVisible(ctx, id, fleet.list({ instance: id })))
  return {
    items,
    total: items.length,
    counts: countByStatus(items),
    next: null,
    partial: visible.flatMap(({ id }) => {
      const { reason, synced } = fleet.instanceState(id)
      return synced ? [] : [{ instance: id, reason }]
    }),
  }
}

/** What people filter by; a deployment is in one group at most. */
export function statusFilterOf(
  deployment: Pick<FleetDeployment, 'deletingSince' | 'phase' | 'replicas'>,
): DeploymentStatusFilter {
  const { deletingSince, phase, replicas } = deployment
  if (deletingSince !== null || phase === 'Terminating') return 'deleting'
  if (phase === 'Failed') return 'attention'
  if (phase === 'Running') return replicas.ready < replicas.desired ? 'attention' : 'running'
  return 'starting'
}

function countByStatus(deployments: FleetDeployment[]): DeploymentList['counts'] {
  const counts = { running: 0, starting: 0, attention: 0, deleting: 0 }
  for (const deployment of deployments) counts[statusFilterOf(deployment)] += 1
  return counts
}

export function presentAbilities(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  scope: { instance: string; namespace: string },
): Deployment['abilities'] {
  return { delete: isAllowed(ctx, 'deployment.delete', scope) }
}

function presentVisible(
  ctx: RequestContext,
  instance: string,
  deployments: FleetDeployment[],
): Deployment[] {
  const byNamespace = new Map<string, Deployment['abilities'] | null>()
  return deployments.flatMap((deployment) => {
    const { namespace } = deployment
    let abilities = byNamespace.get(namespace)
    if (abilities === undefined) {
      const scope = { instance, namespace }
      abilities = isAllowed(ctx, 'deployment.view', scope) ? presentAbilities(ctx, scope) : null
      byNamespace.set(namespace, abilities)
    }
    return abilities === null ? [] : [{ ...deployment, abilities }]
  })
}
