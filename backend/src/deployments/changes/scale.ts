import type { DeploymentChange, ScaleInput } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { DeploymentDeps } from '../deps.ts'
import type { ChangeTarget } from './change-object.ts'
import { readPointer } from './read-pointer.ts'
import { updateDeployment } from './update.ts'

/**
 * Says how many replicas a deployment has. Throws what `updateDeployment` throws, and `deployment-invalid` where prefill and
 * decode have replicas of their own: nothing would come of it.
 */
export function scaleDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
  scaling: ScaleInput,
): Promise<DeploymentChange> {
  return updateDeployment(ctx, deps, target, ({ spec }) => {
    if (readPointer(spec, '/serving/mode') === 'disaggregated') throw hasHalves(target)
    return { spec: { scaling } }
  })
}

function hasHalves({ name }: ChangeTarget): AppError {
  return new AppError('deployment-invalid', {
    detail: `Deployment "${name}" is disaggregated: its prefill and its decode have replicas of their own, so it was not scaled. Change spec.scaling.prefill.replicas or spec.scaling.decode.replicas.`,
    errors: [{ pointer: '/replicas', detail: 'is nothing that a disaggregated deployment has' }],
  })
}
