import type { Instance } from '@hub/shared'
import type { RequestContext } from '#context'
import { isAllowed } from '#rbac'
import type { ClusterInstance } from './create-instances.ts'

/** `deploymentCount` is what the caller may see of them. */
export function presentInstance(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: ClusterInstance,
  deploymentCount: number,
): Instance {
  return {
    id: instance.id,
    status: instance.status,
    kubernetesVersion: instance.kubernetesVersion,
    apiGroup: instance.apiGroup,
    deploymentCount,
    abilities: {
      deploy: isAllowed(ctx, 'deployment.create', { instance: instance.id, namespace: null }),
    },
  }
}
