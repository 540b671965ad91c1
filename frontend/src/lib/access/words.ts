import type { Grant, GrantLimits, GrantSource, Permission, Role } from '@hub/shared'
import { countOf } from '../count.ts'

/** On what a role holds: null is all. */
export type GrantScope = Pick<Grant, 'instanceId' | 'namespaces'>

export const roleLabels: Record<Role, string> = {
  viewer: 'Viewer',
  deployer: 'Deployer',
  admin: 'Administrator',
}

export const roleMeanings: Record<Role, string> = {
  viewer: 'can see instances and deployments',
  deployer: 'can also deploy, change and delete',
  admin: 'can do everything, on every instance',
}

const sourceWords: Record<GrantSource, string> = {
  manual: 'Given by an administrator',
  group: 'Through a group you are in',
  request: 'Requested and approved',
  config: 'From the hub’s configuration',
}

export const permissionLabels: Record<Permission, string> = {
  'instance.view': 'See the instance',
  'deployment.view': 'See deployments, their logs and events',
  'deployment.create': 'Deploy a model',
  'deployment.update': 'Change a deployment',
  'deployment.delete': 'Delete a deployment',
  'deployment.chat': 'Talk to a model',
  'user.manage': 'Manage people',
  'grant.manage': 'Manage roles',
  'group-mapping.manage': 'Manage group mappings',
  'instance.manage': 'Manage clusters',
  'audit.view': 'Read the audit log',
}

/** Where a grant holds: "prod-east, in team-a and team-b". */
export function describeGrantScope({ instanceId, namespaces }: GrantScope): string {
  const where = instanceId ?? 'Every instance'
  return namespaces === null ? where : `${where}, in ${listWords(namespaces)}`
}

/** "60 requests a minute, 1,000 tokens a day": how much may be used; null for as much as they like. */
export function describeLimits(limits: GrantLimits | undefined): string | null {
  const { gpusAtOnce, requestsPerMinute, tokensPerDay } = limits ?? {}
  const parts = [
    requestsPerMinute !== undefined && `${countOf(requestsPerMinute, 'request')} a minute`,
    tokensPerDay !== undefined && `${countOf(tokensPerDay, 'token')} a day`,
    gpusAtOnce !== undefined && `${countOf(gpusAtOnce, 'GPU')} at once`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? null : `At most ${parts.join(', ')}`
}

/** "Deployer on prod-east, in team-a": a role and where it holds, within a sentence. */
export function describeRole({ role, ...scope }: GrantScope & { role: Role }): string {
  if (role === 'admin') return 'Administrator'
  const where = describeGrantScope(scope)
  return `${roleLabels[role]} on ${where.replace(/^Every/, 'every')}`
}

const providers: Record<string, string> = {
  entra: 'Entra ID',
  github: 'GitHub',
  oidc: 'OpenID Connect',
  local: 'This machine',
}

export function describeProvider(provider: string): string {
  return providers[provider] ?? provider
}

/** "a, b, and c" */
function listWords(words: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words)
}

/** "nobody", "1 person", "3 people" */
export function countPeople(count: number): string {
  if (count === 0) return 'nobody'
  return count === 1 ? '1 person' : `${count} people`
}

export function describeGrantSource(source: GrantSource): string {
  return sourceWords[source]
}
