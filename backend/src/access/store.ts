import { and, eq, gt, isNull, or } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'

export type GrantRow = Tables['grants']['$inferSelect']

/** Whose grants: a person's or a program's. */
export type Grantee = { userId: string } | { servicePrincipalId: string }

export async function findGrants(db: Database, grantee: Grantee): Promise<GrantRow[]> {
  const { grants } = db.tables
  return db.read
    .select()
    .from(grants)
    .where(
      'userId' in grantee
        ? eq(grants.userId, grantee.userId)
        : eq(grants.servicePrincipalId, grantee.servicePrincipalId),
    )
}

export async function insertGrant(tx: Transaction, grant: GrantRow): Promise<void> {
  await tx.queries.insert(tx.tables.grants).values(grant)
}

/** Enabled people with a grant of the hub-wide role admin that has not ended. */
export async function findAdminUserIds(
  source: Database | Transaction,
  now: Date,
): Promise<string[]> {
  const { grants, users } = source.tables
  const queries = 'read' in source ? source.read : source.queries
  const rows = await queries
    .selectDistinct({ id: users.id })
    .from(grants)
    .innerJoin(users, eq(users.id, grants.userId))
    .where(
      and(
        eq(grants.role, 'admin'),
        isNull(grants.instanceId),
        or(isNull(grants.endsAt), gt(grants.endsAt, now)),
        isNull(users.disabledAt),
      ),
    )
  return rows.map(({ id }) => id)
}
