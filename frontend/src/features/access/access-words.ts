import type { Grant, GrantSource, Role } from '@hub/shared'
import Bowser from 'bowser'

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

/** Where a grant holds: "prod-east, in team-a and team-b". */
export function describeGrantScope({ instanceId, namespaces }: Grant): string {
  const where = instanceId ?? 'Every instance'
  if (namespaces === null) return where
  const names = new Intl.ListFormat('en', { type: 'conjunction' }).format(namespaces)
  return `${where}, in ${names}`
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
