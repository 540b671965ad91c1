import { and, asc, eq, gt, inArray, isNull, lt, or } from 'drizzle-orm'
import type { Database, Reader, Tables, Transaction } from '#db'

export type ServicePrincipalRow = Tables['servicePrincipals']['$inferSelect']

export async function findServicePrincipalPage(
  db: Database,
  { after, limit }: { after: string[] | null; limit: number },
): Promise<{ rows: ServicePrincipalRow[]; total: number; hasMore: boolean }> {
  const { servicePrincipals: table } = db.tables
  const [rows, total] = await Promise.all([
    db.read
      .select()
      .from(table)
      .where(after === null ? undefined : gt(table.principal, after[0]!))
      .orderBy(asc(table.principal))
      .limit(limit + 1),
    db.read.$count(table),
  ])
  return { rows: rows.slice(0, limit), total, hasMore: rows.length > limit }
}

export async function findServicePrincipal(
  { read, tables: { servicePrincipals } }: Reader,
  key: { issuer: string; clientId: string } | { id: string },
): Promise<ServicePrincipalRow | null> {
  const rows = await read
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

export async function findNamesOfPrograms(
  { read, tables: { servicePrincipals } }: Reader,
  principals: readonly string[],
): Promise<{ principal: string; displayName: string }[]> {
  const { displayName, principal } = servicePrincipals
  return read
    .select({ principal, displayName })
    .from(servicePrincipals)
    .where(inArray(principal, [...principals]))
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
