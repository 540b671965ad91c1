import { GrantSource, Role, type Grant } from '@hub/shared'
import { eq } from 'drizzle-orm'
import type { ConfigGrant } from '#config'
import type { Database, Tables } from '#db'

/** Whose grants: a person's or a program's, whose principal configuration may name too. */
export type Grantee = { principal: string } & ({ userId: string } | { servicePrincipalId: string })

/** All grants somebody holds: those of the configuration, and those of the database. */
export async function readGrants(
  db: Database,
  configured: readonly ConfigGrant[],
  grantee: Grantee,
): Promise<Grant[]> {
  const { grants } = db.tables
  const rows = await db.read
    .select()
    .from(grants)
    .where(
      'userId' in grantee
        ? eq(grants.userId, grantee.userId)
        : eq(grants.servicePrincipalId, grantee.servicePrincipalId),
    )
  return [
    ...configured.flatMap(({ grant, principal }) =>
      principal === grantee.principal ? [grant] : [],
    ),
    ...rows.map(presentGrant),
  ]
}

function presentGrant(row: Tables['grants']['$inferSelect']): Grant {
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
