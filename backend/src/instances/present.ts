import type { Instance, Maintenance } from '@hub/shared'
import type { ClusterInstance } from '#clusters'
import type { RequestContext } from '#context'
import type { InstanceFacts } from '#fleet'
import { hubWide, isAllowed, isOffered } from '#rbac'

export function presentInstance(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: ClusterInstance,
  facts: InstanceFacts & { maintenance: Maintenance | null },
): Instance {
  const { id } = instance
  const mayManage = isAllowed(ctx, 'instance.manage', hubWide)
  return {
    id,
    status: instance.status,
    accessMode: instance.accessMode,
    rights: instance.rights,
    kubernetesVersion: instance.kubernetesVersion,
    apiGroup: instance.apiGroup,
    ...facts,
    warnings: mayManage ? [...instance.warnings] : [],
    abilities: {
      deploy: isOffered(ctx, 'deployment.create', { instance: id, namespace: null }),
      manage: mayManage,
    },
  }
}
