import { and, eq, isNull, lt, or } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'
import { identityColumns, type CheckedIdentity } from '#people'

export type IdentityWithUser = {
  identity: CheckedIdentity
  user: Tables['users']['$inferSelect']
}
export type ServicePrincipalRow = Tables['servicePrincipals']['$inferSelect']

/** Whom an issuer's subject stands for; `principal` where a provider knows people by something else than the subject. */
export async function findIdentities(
  db: Database,
  issuer: string,
  key: { subject: string; principal: string | null },
): Promise<IdentityWithUser[]> {
  const { identities, users } = db.tables
  const { principal, subject } = key
  return db.read
    .select({ identity: identityColumns(db.tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(
      and(
        eq(identities.issuer, issuer),
        or(
          eq(identities.subject, subject),
          ...(principal === null ? [] : [eq(identities.principal, principal)]),
        ),
      ),
    )
}

export async function findIdentity(
  db: Database,
  identityId: string,
): Promise<IdentityWithUser | null> {
  const { identities, users } = db.tables
  const rows = await db.read
    .select({ identity: identityColumns(db.tables), user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(eq(identities.id, identityId))
  return rows[0] ?? null
}

export async function findServicePrincipal(
  db: Database,
  key: { issuer: string; clientId: string } | { id: string },
): Promise<ServicePrincipalRow | null> {
  const { servicePrincipals } = db.tables
  const rows = await db.read
    .select()
    .from(servicePrincipals)
    .where(
      'id' in key
        ? eq(servicePrincipals.id, key.id)
        : and(
            eq(servicePrincipals.issuer, key.issuer),
            eq(servicePrincipals.clientId, key.clientId),
          ),
    )
  return rows[0] ?? null
}

/** False where another process made it a moment ago. */
export async function insertServicePrincipal(
  tx: Transaction,
  row: ServicePrincipalRow,
): Promise<boolean> {
  const { servicePrincipals } = tx.tables
  const rows = await tx.queries
    .insert(servicePrincipals)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: servicePrincipals.id })
  return rows.length === 1
}

export async function touchServicePrincipal(
  tx: Transaction,
  id: string,
  now: Date,
  before: Date,
): Promise<void> {
  const { servicePrincipals } = tx.tables
  await tx.queries
    .update(servicePrincipals)
    .set({ lastSeenAt: now })
    .where(
      and(
        eq(servicePrincipals.id, id),
        or(isNull(servicePrincipals.lastSeenAt), lt(servicePrincipals.lastSeenAt, before)),
      ),
    )
}
