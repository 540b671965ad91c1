import { GrantSource, Role, type Grant } from '@hub/shared'
import type { Config } from '#config'
import type { Database } from '#db'
import { findGrantRows, findPrincipals, type Grantee, type GrantRow } from './store.ts'

/** What grants are read against: the configuration, and the providers that vouch for people. */
export type GrantSources = {
  config: Pick<Config, 'grants'>
  providers: readonly { id: string }[]
}

/**
 * All grants somebody holds: those of the configuration, for whichever of their identities it names, and those of the
 * database, but for what has ended.
 */
export async function readGrants(
  db: Database,
  { config, providers }: GrantSources,
  grantee: { principal: string } & Grantee,
): Promise<Grant[]> {
  const named = new Set(config.grants.map(({ principal }) => principal))
  const [rows, identities] = await Promise.all([
    findGrantRows(db, grantee),
    'userId' in grantee && named.size > 0 ? findPrincipals(db, grantee.userId) : [],
  ])
  // A provider that is no longer enabled vouches for nobody (Rancher GHSA-c45c-39f6-6gw9).
  const vouched = identities.filter(({ provider }) => providers.some(({ id }) => id === provider))
  const principals = new Set([grantee.principal, ...vouched.map(({ principal }) => principal)])
  const held = rows.filter(({ endedAt }) => endedAt === null)
  return [
    ...config.grants.flatMap(({ grant, principal }) => (principals.has(principal) ? [grant] : [])),
    ...held.map(presentGrant),
  ]
}

export function presentGrant(row: GrantRow): Grant {
  return {
    id: row.id,
    role: Role.parse(row.role),
    instanceId: row.instanceId,
    namespaces: row.namespaces === null ? null : [...row.namespaces],
    source: GrantSource.parse(row.source),
    endsAt: row.endsAt?.toISOString() ?? null,
  }
}
