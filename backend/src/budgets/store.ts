import { and, eq, gt, inArray } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type HoldingRow = Tables['tokenHoldings']['$inferSelect']
export type ClaimRow = Tables['gpuClaims']['$inferSelect']

export async function findHoldings(
  { read, tables: { tokenHoldings } }: Reader,
  tokenIds: readonly string[],
): Promise<HoldingRow[]> {
  if (tokenIds.length === 0) return []
  return read
    .select()
    .from(tokenHoldings)
    .where(inArray(tokenHoldings.tokenId, [...tokenIds]))
}

export async function putHolding(tx: Transaction, row: HoldingRow): Promise<void> {
  const { tokenHoldings: table } = tx.tables
  const { id: _, ...set } = row
  await tx.queries.insert(table).values(row).onConflictDoUpdate({ target: table.id, set })
}

export async function deleteHolding(tx: Transaction, id: string): Promise<void> {
  const { tokenHoldings: table } = tx.tables
  await tx.queries.delete(table).where(eq(table.id, id))
}

export async function findClaims(
  { read, tables: { gpuClaims } }: Reader,
  caller: string,
  now: Date,
): Promise<ClaimRow[]> {
  return read
    .select()
    .from(gpuClaims)
    .where(and(eq(gpuClaims.caller, caller), gt(gpuClaims.expiresAt, now)))
}

export async function insertClaim(tx: Transaction, row: ClaimRow): Promise<void> {
  await tx.queries.insert(tx.tables.gpuClaims).values(row)
}

export async function settleClaim(tx: Transaction, id: string, expiresAt: Date): Promise<void> {
  const { gpuClaims: table } = tx.tables
  await tx.queries.update(table).set({ isSettled: true, expiresAt }).where(eq(table.id, id))
}

export async function deleteClaim(tx: Transaction, id: string): Promise<void> {
  const { gpuClaims: table } = tx.tables
  await tx.queries.delete(table).where(eq(table.id, id))
}

/** Of one deployment; what is under way there stays. */
export async function deleteSettledClaims(
  tx: Transaction,
  { instance, name, namespace }: Pick<ClaimRow, 'instance' | 'namespace' | 'name'>,
): Promise<void> {
  const { gpuClaims: table } = tx.tables
  await tx.queries
    .delete(table)
    .where(
      and(
        eq(table.instance, instance),
        eq(table.namespace, namespace),
        eq(table.name, name),
        eq(table.isSettled, true),
      ),
    )
}

export async function deleteOldClaims(tx: Transaction, now: Date): Promise<void> {
  const { gpuClaims: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.id, at: table.expiresAt }, now)
}
