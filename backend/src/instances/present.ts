import type { Capacity, Instance, Runtime } from '@hub/shared'
import type { RequestContext } from '#context'
import { hubWide, isAllowed, isOffered } from '#rbac'
import type { ClusterInstance } from './create-instances.ts'

/** What the fleet knows of an instance, as far as the caller may; `deploymentCount` is what they may see. */
export type InstanceFacts = {
  deploymentCount: number
  capacity: Capacity
  runtimes: Runtime[] | null
  heardAt: string | null
  /** Whether its deployments are as they are, and not as they were. */
  isCurrent: boolean
}

export function presentInstance(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: ClusterInstance,
  facts: InstanceFacts,
): Instance {
  const { id } = instance
  const mayManage = isAllowed(ctx, 'instance.manage', hubWide)
  return {
    id,
    status: instance.status,
    accessMode: instance.accessMode,
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
