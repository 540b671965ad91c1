import { and, eq, isNull } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type KeyRow = Tables['idempotencyKeys']['$inferSelect']

export async function findKey(reader: Reader, id: string): Promise<KeyRow | undefined> {
  const { idempotencyKeys: table } = reader.tables
  return (await reader.read.select().from(table).where(eq(table.id, id)))[0]
}

/** False where another request was first. */
export async function insertKey(tx: Transaction, row: KeyRow): Promise<boolean> {
  const { idempotencyKeys: table } = tx.tables
  const rows = await tx.queries
    .insert(table)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: table.id })
  return rows.length > 0
}

/** What is to be done goes on here. False where another request was first. */
export async function takeKey(tx: Transaction, row: KeyRow, found: KeyRow): Promise<boolean> {
  const { idempotencyKeys: table } = tx.tables
  const { id, ...set } = row
  const rows = await tx.queries
    .update(table)
    .set(set)
    .where(
      and(
        eq(table.id, id),
        eq(table.heldUntil, found.heldUntil),
        found.status === null ? isNull(table.status) : eq(table.status, found.status),
      ),
    )
    .returning({ id: table.id })
  return rows.length > 0
}

/** Changes the row while it is held by the request that took it last. */
export async function updateHeldKey(
  tx: Transaction,
  { heldUntil, id }: Pick<KeyRow, 'id' | 'heldUntil'>,
  set: Partial<Pick<KeyRow, 'doneSealed' | 'status' | 'heldUntil'>>,
): Promise<boolean> {
  const { idempotencyKeys: table } = tx.tables
  const rows = await tx.queries
    .update(table)
    .set(set)
    .where(and(eq(table.id, id), eq(table.heldUntil, heldUntil)))
    .returning({ id: table.id })
  return rows.length > 0
}

export async function deleteHeldKey(
  tx: Transaction,
  { heldUntil, id }: Pick<KeyRow, 'id' | 'heldUntil'>,
): Promise<void> {
  const { idempotencyKeys: table } = tx.tables
  await tx.queries.delete(table).where(and(eq(table.id, id), eq(table.heldUntil, heldUntil)))
}

export async function deleteExpiredKeys(tx: Transaction, now: Date): Promise<void> {
  const { idempotencyKeys: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.id, at: table.expiresAt }, now)
}
