import type { KnownDeployment } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { requireInstance } from '#instances'
import { authorize } from '#rbac'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { withAbilities } from './present.ts'

/** One deployment, from memory. Throws what `authorize` throws, `not-found`, and `instance-not-ready` before the first list. */
export function getDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): KnownDeployment {
  authorize(ctx, 'deployment.view', at)
  const deployment = requireDeployment(ctx, deps, at)
  const { id, status } = requireInstance(ctx, deps, at.instance)
  const state = deps.fleet.instanceState(id, at.namespace)
  return {
    ...withAbilities(ctx, deployment),
    asOf: deps.fleet.deploymentsAsOf(id),
    isCurrent: state.synced,
    instanceStatus: { state: status.state, reason: status.reason ?? state.reason },
  }
}

/**
 * What the fleet knows of a deployment, once the caller may. Throws `not-found`, and `instance-not-ready` before the first
 * list.
 */
export function requireDeployment(
  ctx: RequestContext,
  deps: Pick<DeploymentDeps, 'instances' | 'fleet'>,
  at: DeploymentCoordinates,
): FleetDeployment {
  const { id } = requireInstance(ctx, deps, at.instance)
  const deployment = deps.fleet.get(id, at.namespace, at.name)
  if (deployment) return deployment
  const state = deps.fleet.instanceState(id, at.namespace)
  if (!state.synced) {
    throw new AppError('instance-not-ready', {
      detail: `The deployments of instance "${id}" are not known yet. ${state.reason}`,
    })
  }
  throw deploymentNotFound(at)
}

export function deploymentNotFound(
  { instance, name, namespace }: DeploymentCoordinates,
  cause?: unknown,
): AppError {
  return new AppError('not-found', {
    cause,
    detail: `There is no deployment "${name}" in namespace "${namespace}" of instance "${instance}". It may have been deleted.`,
  })
}
