import type { Permission } from '@hub/shared'
import type { ClusterInstance, Instances } from '#clusters'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { ApiGroup } from '#kube'
import { authorize, instanceNotFound } from '#rbac'

export type ReadyCluster = ClusterInstance & { apiGroup: ApiGroup }

/**
 * The instance to act on, once the caller may. Throws what `authorize` throws, `not-found`, and `instance-no-crd` or
 * `instance-not-ready` while it cannot take ModelDeployments.
 */
export function requireCluster(
  ctx: RequestContext,
  deps: { instances: Instances },
  permission: Permission,
  scope: { instance: string; namespace: string },
): ReadyCluster {
  authorize(ctx, permission, scope)
  const instance = deps.instances.find(scope.instance)
  if (!instance) throw instanceNotFound(ctx, scope.instance)
  const { apiGroup, id, status } = instance
  if (status.state === 'no-crd') {
    throw new AppError('instance-no-crd', {
      detail: status.reason ?? `AI Runway is not installed on instance "${id}".`,
    })
  }
  if (apiGroup === null) {
    const reason = status.reason ?? 'The hub is still connecting to it.'
    throw new AppError('instance-not-ready', {
      detail: `Instance "${id}" is not ready. ${reason} Try again in a moment.`,
    })
  }
  return { ...instance, apiGroup }
}

/** Which cluster a change went to, for whoever settles later what came of it. */
export function describeEvidence({ apiGroup, clusterUid }: ReadyCluster) {
  return { apiGroup, clusterUid }
}
