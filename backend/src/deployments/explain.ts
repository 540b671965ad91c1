import type { DeploymentExplanation } from '@hub/shared'
import type { RequestContext } from '#context'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { deploymentNotFound, getDeployment } from './get.ts'

/** How a deployment is at this moment and why, from memory. Throws what `getDeployment` throws. */
export function explainDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): DeploymentExplanation {
  const { asOf, instance, isCurrent, name, namespace, phase, uid } = getDeployment(ctx, deps, at)
  const told = deps.fleet.explain(instance, namespace, name)
  if (!told) throw deploymentNotFound(at)
  const { evidence, next, sentence, state } = told
  const of = { instance, namespace, name, uid, phase, asOf, isCurrent }
  return { ...of, state, sentence, evidence: [...evidence], next }
}
