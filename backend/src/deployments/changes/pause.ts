import type { DeploymentChange } from '@hub/shared'
import type { RequestContext } from '#context'
import type { DeploymentDeps } from '../deps.ts'
import { changeObject, type ChangeTarget } from './change-object.ts'

/** Tells AI Runway's controllers to leave a deployment alone: its pods go on. Throws what `changeObject` throws. */
export function pauseDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
): Promise<DeploymentChange> {
  return setPaused(ctx, deps, target, 'true')
}

/** Has AI Runway's controllers look after a deployment again. Throws what `changeObject` throws. */
export function resumeDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
): Promise<DeploymentChange> {
  return setPaused(ctx, deps, target, null)
}

function setPaused(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
  value: 'true' | null,
): Promise<DeploymentChange> {
  return changeObject(ctx, deps, target, (_, { apiGroup }) => ({
    metadata: { annotations: { [`${apiGroup}/reconcile-paused`]: value } },
  }))
}
