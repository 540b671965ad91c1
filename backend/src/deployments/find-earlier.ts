import type { Permission } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError, asAppError } from '#errors'
import { requestIdAnnotation } from '#fleet'
import type { ReadyCluster } from '#instances'
import { isRecord, type KubeObject } from '#kube'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { openDeployments } from './open-deployments.ts'

/**
 * What one of the `earlier` requests has made, or made of it, as the object itself says; null where that is none of
 * theirs. Throws what `openDeployments` throws, and says that the outcome is not known while the cluster does not tell.
 */
export async function findEarlier(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: DeploymentCoordinates,
  { earlier, permission }: { earlier: readonly string[]; permission: Permission },
): Promise<{ cluster: ReadyCluster; object: KubeObject } | null> {
  if (earlier.length === 0) return null
  const { cluster, get } = openDeployments(ctx, deps, permission, target)
  const object = await get(target.name).catch((thrown: unknown) => {
    throw stillUnknown(asAppError(thrown), target)
  })
  if (!object) return null
  const by = annotationsOf(object)[requestIdAnnotation(cluster.apiGroup)]
  if (typeof by !== 'string' || !earlier.includes(by)) return null
  deps.fleet.apply(cluster.id, object)
  return { cluster, object }
}

function annotationsOf({ metadata }: KubeObject): Record<string, unknown> {
  const { annotations } = isRecord(metadata) ? metadata : {}
  return isRecord(annotations) ? annotations : {}
}

function stillUnknown(
  { code, detail, retryAfterSeconds }: AppError,
  { instance, name, namespace }: DeploymentCoordinates,
): AppError {
  return new AppError(code, {
    detail: `${detail} What an earlier try did to deployment "${name}" in namespace "${namespace}" of instance "${instance}" is not known yet: try again with the same Idempotency-Key.`,
    outcome: 'unknown',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
