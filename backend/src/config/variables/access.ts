import { parseDuration, parseText } from '../parsers.ts'
import { parseAdmins, parseGrants } from '../read-grants.ts'
import type { Reading, Variables } from '../variable.ts'

export const accessVariables = {
  HUB_ADMINS: {
    default: '',
    purpose: 'comma-separated principals of the administrators, such as `oidc:1234`',
    parse: parseAdmins,
  },
  HUB_GRANTS: {
    default: '[]',
    purpose:
      'JSON list of grants: `principal`, `role`, and optionally `instanceId` and `namespaces`',
    parse: parseGrants,
  },
  HUB_CONFIG_FILE: {
    default: null,
    unset: 'no file',
    purpose:
      'YAML file with [group mappings and grants](access.md#the-configuration-file), [policies and templates](governance.md#in-the-configuration-file), [OIDC profiles](cluster-oidc.md#2-the-profile) of instances, and [outside providers](gateway.md#in-the-configuration-file), followed while the hub runs',
    parse: parseText,
  },
  GROUP_STALE_MAX: {
    default: '24h',
    purpose:
      "how long a person's groups still count if they cannot be looked up again; after that, what they gave is taken away",
    parse: parseDuration,
  },
  GROUP_SYNC_INTERVAL: {
    default: '15m',
    purpose:
      "how often people's groups are looked up again between sign-ins; at least `1m`, or `off` for never",
    parse: parseSyncInterval,
  },
} as const satisfies Variables

function parseSyncInterval(text: string, reading: Reading): number | null {
  if (text === '0' || text === 'off') return null
  const seconds = parseDuration(text, reading)
  if (seconds < 60) {
    reading.mistakes.push(
      `${reading.name} must be 1m at least, not "${text}": each round asks the identity provider about everybody. Set "off" to ask at sign-in only.`,
    )
  }
  return seconds
}
