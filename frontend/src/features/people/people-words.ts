import type { GrantOrigin } from '@hub/shared'
import { describeRole } from '../../lib/access-words.ts'

/** "the group ML Engineers": who or what gave it. */
function describeGiver({ createdBy, mapping, principal, source }: GrantOrigin): string {
  switch (source) {
    case 'group':
      return mapping === null ? 'a group' : `the group ${mapping.groupName ?? mapping.groupId}`
    case 'config':
      return `the configuration for ${principal}`
    case 'request':
      return createdBy === null ? 'a request' : `a request that ${createdBy} approved`
    case 'manual':
      return createdBy ?? 'an administrator'
  }
}

/** "Deployer on prod-east, by the group ML Engineers" */
export function describeGrant(grant: GrantOrigin): string {
  return `${describeRole(grant)}, by ${describeGiver(grant)}`
}
