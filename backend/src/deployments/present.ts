import type { Deployment } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { presentAbilities, presentDeployment, type FleetDeployment } from '#fleet'
import type { ReadyCluster } from '#instances'
import type { KubeObject } from '#kube'

export function withAbilities(ctx: RequestContext, deployment: FleetDeployment): Deployment {
  return { ...deployment, abilities: presentAbilities(ctx, deployment) }
}

/** What a cluster answered to a change. Throws `instance-error` where that is no ModelDeployment. */
export function presentAnswer(
  ctx: RequestContext,
  { apiGroup, id }: ReadyCluster,
  body: KubeObject,
): Deployment {
  const deployment = presentDeployment(id, apiGroup, body, ctx.now())
  if (deployment) return withAbilities(ctx, deployment)
  throw new AppError('instance-error', {
    detail: `Instance "${id}" accepted the request but did not answer with a ModelDeployment. Look at its deployments before you try again.`,
  })
}
