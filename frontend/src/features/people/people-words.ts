import type { GrantOrigin, UserIdentity } from '@hub/shared'
import { describeLimits, describeRole } from '../../lib/access/words.ts'

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
  const limits = describeLimits(grant.limits)
  const within = limits === null ? '' : ` (${limits.replace(/^At/, 'at')})`
  return `${describeRole(grant)}${within}, by ${describeGiver(grant)}`
}

/** What an administrator should know of the groups that an identity's provider named; null where all is as it should be. */
export function describeGroups({ groups }: Pick<UserIdentity, 'groups'>): string | null {
  const { dropped, isRefreshable, state, syncedAt } = groups
  const entries = dropped === 1 ? '1 entry' : `${dropped} entries`
  const sentences = [
    ...(state === 'stale' && syncedAt !== null
      ? ['Its groups could not be looked up last time; the groups known before count for a while.']
      : []),
    ...(dropped > 0
      ? [
          `${entries} in its provider’s answer named no group and ${dropped === 1 ? 'was' : 'were'} left out.`,
        ]
      : []),
    ...(isRefreshable ? [] : ['Its groups can only be looked up when it signs in.']),
  ]
  return sentences.length === 0 ? null : sentences.join(' ')
}
