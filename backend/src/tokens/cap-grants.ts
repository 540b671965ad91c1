import type { Grant, Role } from '@hub/shared'

const levels: Record<Role, number> = { viewer: 1, deployer: 2, admin: 3 }

/**
 * What of its owner's grants a token may use: none above its ceiling and none outside its instances, and of one that is for
 * models alone nothing else. It is done at each
 * use, so that a token never does more than its owner may at that moment.
 */
export function capGrants(
  grants: readonly Grant[],
  {
    instanceIds,
    isUseOnly,
    roleCeiling,
  }: { roleCeiling: Role; instanceIds: readonly string[] | null; isUseOnly: boolean },
): Grant[] {
  // Admin is hub-wide always: what is limited to instances deploys there at most.
  const ceiling = instanceIds !== null && roleCeiling === 'admin' ? 'deployer' : roleCeiling
  return grants.flatMap((grant) => {
    const role = levels[grant.role] > levels[ceiling] ? ceiling : grant.role
    const cut: Grant = { ...grant, role, ...(isUseOnly && { only: 'deployment.chat' }) }
    if (instanceIds === null) return [cut]
    const reached = grant.instanceId === null ? instanceIds : [grant.instanceId]
    return reached
      .filter((instanceId) => instanceIds.includes(instanceId))
      .map((instanceId) => ({ ...cut, instanceId }))
  })
}
