import type { Grant, GrantSource, Permission, Role } from '@hub/shared'
import Bowser from 'bowser'

/** On what a role holds: null is all. */
export type GrantScope = Pick<Grant, 'instanceId' | 'namespaces'>

export const roleLabels: Record<Role, string> = {
  viewer: 'Viewer',
  deployer: 'Deployer',
  admin: 'Administrator',
}

export const roleMeanings: Record<Role, string> = {
  viewer: 'sees instances and deployments',
  deployer: 'also deploys, changes and deletes',
  admin: 'does everything, on every instance',
}

const sourceWords: Record<GrantSource, string> = {
  manual: 'Given by an administrator',
  group: 'By a group you are in',
  request: 'Asked for and approved',
  config: 'By the configuration of the hub',
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

/** "Chrome on Linux", or as much of it as a User-Agent tells. */
export function describeUserAgent(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'Unknown browser'
  const { browser, os } = Bowser.parse(userAgent)
  if (!browser.name) return userAgent.slice(0, 60)
  return os.name ? `${browser.name} on ${os.name}` : browser.name
}

/** How long from now, as "in 12 days"; "ended" once it is over. */
export function describeEnd(at: string, now: number): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000)
  if (seconds <= 0) return 'ended'
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
  if (seconds < 3_600) return words.format(Math.ceil(seconds / 60), 'minute')
  if (seconds < 2 * 86_400) return words.format(Math.round(seconds / 3_600), 'hour')
  return words.format(Math.round(seconds / 86_400), 'day')
}

const lengths = [
  { unit: 'week', minutes: 7 * 24 * 60 },
  { unit: 'day', minutes: 24 * 60 },
  { unit: 'hour', minutes: 60 },
  { unit: 'minute', minutes: 1 },
] as const

/** "8 hours", "1 day": in the largest unit that leaves no rest, up to two weeks. */
export function describeMinutes(minutes: number): string {
  const { unit, minutes: each } = lengths.find(
    (length) =>
      minutes % length.minutes === 0 &&
      minutes >= length.minutes &&
      (length.unit !== 'week' || minutes <= 2 * length.minutes),
  )!
  const count = minutes / each
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
