import type { Deployment } from '@hub/shared'
import type { RequestContext } from '#context'
import {
  apiVersion,
  ClusterError,
  kubePath,
  toAppError,
  type KubeObject,
  type KubeResponse,
} from '#kube'
import { auditChange } from './audit-change.ts'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { deploymentNotFound } from './get.ts'
import { presentAnswer, withAbilities } from './present.ts'
import { asCaller, describeTarget, requireCluster, type ReadyCluster } from './require-cluster.ts'

/**
 * Begins the deletion of a deployment; its pods and finalizers decide when it is gone. Returns it as it was last known.
 * Throws what `requireCluster` throws, `not-found`, and the `instance-…` codes.
 */
export async function deleteDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): Promise<Deployment> {
  const cluster = requireCluster(ctx, deps, 'deployment.delete', at)
  const { instance, name, namespace } = at
  const known = deps.fleet.get(instance, namespace, name)
  const { body } = await auditChange(
    ctx,
    {
      action: 'deployment.delete',
      target: { instance, namespace, name },
      ...(known && { before: { uid: known.uid, resourceVersion: known.resourceVersion } }),
    },
    () => sendDelete(ctx, cluster, at),
  )
  // With finalizers the cluster answers the object, still there and marked; without, a Status.
  if (body.kind === 'ModelDeployment') {
    deps.fleet.apply(instance, body)
    return presentAnswer(ctx, cluster, body)
  }
  if (!known) throw deploymentNotFound(at)
  deps.fleet.applyRemoval(instance, known)
  return withAbilities(ctx, { ...known, deletingSince: ctx.now().toISOString() })
}

async function sendDelete(
  ctx: RequestContext,
  cluster: ReadyCluster,
  at: DeploymentCoordinates,
): Promise<KubeResponse<KubeObject>> {
  try {
    return await cluster.transport.request<KubeObject>({
      method: 'DELETE',
      path: kubePath(
        'apis',
        cluster.apiGroup,
        apiVersion,
        'namespaces',
        at.namespace,
        'modeldeployments',
        at.name,
      ),
      requestId: ctx.requestId,
      ...asCaller(ctx, cluster, at.namespace),
    })
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'not-found') throw deploymentNotFound(at)
    throw toAppError(error, describeTarget(cluster))
  }
}
