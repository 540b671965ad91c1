import type { DeploymentPod, DeploymentPods } from '@hub/shared'
import type { RequestContext } from '#context'
import type { ExplainedPod } from '#fleet'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { getDeployment } from './get.ts'
import { openDeployments } from './open-deployments.ts'

/**
 * The pods of a deployment, from memory. Where the cluster is asked as the caller, it is asked first whether they may
 * list them. Throws what `getDeployment` and then `openDeployments` throw.
 */
export async function listPods(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): Promise<DeploymentPods> {
  const { instance, name, namespace } = getDeployment(ctx, deps, at)
  if (deps.instances.find(instance)?.accessMode !== 'service') {
    await openDeployments(ctx, deps, 'deployment.view', at).checkPods()
  }
  const pods = deps.fleet.explainPods(instance, namespace, name)
  if (pods.items === null) return { items: null, reason: pods.reason }
  return {
    items: pods.items.map(present).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    reason: pods.reason,
  }
}

function present({ pod, why }: ExplainedPod): DeploymentPod {
  const { detail, name, node, phase, requests, uid } = pod
  return {
    name,
    uid,
    node,
    phase,
    isReady: detail?.isReady ?? false,
    isDeleting: detail?.isDeleting ?? false,
    createdAt: detail?.createdAt ?? null,
    scheduledAt: detail?.scheduledAt ?? null,
    revision: detail?.revision ?? null,
    resources: Object.entries(requests).map(([resource, count]) => ({ resource, count })),
    containers: [...(detail?.containers ?? [])],
    unscheduled: node === null ? (detail?.unscheduled ?? null) : null,
    why,
  }
}
