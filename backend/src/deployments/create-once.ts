import type { CreatedDeployment, CreateDeploymentInput } from '@hub/shared'
import type { RequestContext } from '#context'
import { createDeployment, type CreateDeploymentTarget } from './create.ts'
import type { DeploymentDeps } from './deps.ts'
import { findEarlier } from './find-earlier.ts'
import type { CreationDeps } from './plan-creation.ts'
import { presentAnswer } from './present.ts'

/**
 * Creates what none of the `earlier` requests has made: one whose answer was lost may have. Throws what
 * `createDeployment` and `findEarlier` throw.
 */
export async function createOnce(
  ctx: RequestContext,
  deps: DeploymentDeps & CreationDeps,
  target: CreateDeploymentTarget,
  input: CreateDeploymentInput,
  earlier: readonly string[] = [],
): Promise<CreatedDeployment> {
  const at = { ...target, name: input.name }
  const made = await findEarlier(ctx, deps, at, { earlier, permission: 'deployment.create' })
  if (!made) return createDeployment(ctx, deps, target, input)
  return { ...presentAnswer(ctx, made.cluster, made.object), warnings: [] }
}
