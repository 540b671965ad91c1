import { GrantSource, Role, type Grant } from '@hub/shared'
import type { ConfigGrant } from '#config'
import type { Database } from '#db'
import { findGrantRows, type Grantee, type GrantRow } from './store.ts'

/** All grants somebody holds: those of the configuration, and those of the database, but for what has ended. */
export async function readGrants(
  db: Database,
  configured: readonly ConfigGrant[],
  grantee: { principal: string } & Grantee,
): Promise<Grant[]> {
  const rows = await findGrantRows(db, grantee)
  const held = rows.filter(({ endedAt }) => endedAt === null)
  return [...configuredGrants(configured, grantee.principal), ...held.map(presentGrant)]
}

/** What the configuration alone gives a principal. */
export function configuredGrants(configured: readonly ConfigGrant[], principal: string): Grant[] {
  return configured.flatMap((entry) => (entry.principal === principal ? [entry.grant] : []))
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

/** The namespaces that configured grants name on an instance: where people look. */
export function grantedNamespaces(configured: readonly ConfigGrant[], instance: string): string[] {
  return configured.flatMap(({ grant: { instanceId, namespaces } }) =>
    instanceId === null || instanceId === instance ? (namespaces ?? []) : [],
  )
}
