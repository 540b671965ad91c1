import type { CreateDeploymentInput, Deployment } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError, asAppError } from '#errors'
import { requestIdAnnotation } from '#fleet'
import { isRecord, type KubeObject } from '#kube'
import { createDeployment, type CreateDeploymentTarget } from './create.ts'
import type { DeploymentDeps } from './deps.ts'
import { openDeployments } from './open-deployments.ts'
import type { CreationDeps } from './plan-creation.ts'
import { presentAnswer } from './present.ts'

/**
 * Creates what none of the `earlier` requests has made: one whose answer was lost may have. Throws as `createDeployment`
 * does, and says that the outcome is not known while the cluster does not tell.
 */
export async function createOnce(
  ctx: RequestContext,
  deps: DeploymentDeps & CreationDeps,
  target: CreateDeploymentTarget,
  input: CreateDeploymentInput,
  earlier: readonly string[] = [],
): Promise<Deployment> {
  const made = earlier.length === 0 ? null : await findMade(ctx, deps, target, input.name, earlier)
  return made ?? createDeployment(ctx, deps, target, input)
}

async function findMade(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: CreateDeploymentTarget,
  name: string,
  earlier: readonly string[],
): Promise<Deployment | null> {
  const { cluster, get } = openDeployments(ctx, deps, 'deployment.create', target)
  const object = await get(name).catch((thrown: unknown) => {
    throw stillUnknown(asAppError(thrown), target, name)
  })
  if (!object) return null
  const by = annotationsOf(object)[requestIdAnnotation(cluster.apiGroup)]
  if (typeof by !== 'string' || !earlier.includes(by)) return null
  deps.fleet.apply(cluster.id, object)
  return presentAnswer(ctx, cluster, object)
}

function annotationsOf({ metadata }: KubeObject): Record<string, unknown> {
  const { annotations } = isRecord(metadata) ? metadata : {}
  return isRecord(annotations) ? annotations : {}
}

function stillUnknown(
  { code, detail, retryAfterSeconds }: AppError,
  { instance, namespace }: CreateDeploymentTarget,
  name: string,
): AppError {
  return new AppError(code, {
    detail: `${detail} Whether an earlier try created deployment "${name}" in namespace "${namespace}" of instance "${instance}" is not known yet: try again with the same Idempotency-Key.`,
    outcome: 'unknown',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
