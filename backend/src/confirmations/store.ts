import { and, desc, eq, gt, isNull, or } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type ConfirmationRow = Tables['confirmations']['$inferSelect']

/** What the same caller asked for in the same words, while that counts still. */
export async function findLive(
  { read, tables: { confirmations: table } }: Reader,
  digest: string,
  now: Date,
): Promise<ConfirmationRow | null> {
  const rows = await read
    .select()
    .from(table)
    .where(and(eq(table.digest, digest), gt(table.expiresAt, now)))
    .orderBy(desc(table.createdAt))
    .limit(1)
  return rows[0] ?? null
}

export async function findConfirmation(
  { read, tables: { confirmations: table } }: Reader,
  id: string,
): Promise<ConfirmationRow | null> {
  return (await read.select().from(table).where(eq(table.id, id)))[0] ?? null
}

export async function countWaiting(tx: Transaction, principal: string, now: Date): Promise<number> {
  const { confirmations: table } = tx.tables
  const waiting = and(
    eq(table.principal, principal),
    eq(table.state, 'waiting'),
    gt(table.expiresAt, now),
  )
  return tx.queries.$count(table, waiting)
}

export async function insertConfirmation(tx: Transaction, row: ConfirmationRow): Promise<void> {
  await tx.queries.insert(tx.tables.confirmations).values(row)
}

/** A person's, and those of programs for who decides on them; those that count still, the latest first. */
export async function findConfirmations(
  { read, tables: { confirmations: table } }: Reader,
  { now, ofPrograms, userId }: { userId: string; ofPrograms: boolean; now: Date },
): Promise<ConfirmationRow[]> {
  const own = eq(table.userId, userId)
  return read
    .select()
    .from(table)
    .where(and(gt(table.expiresAt, now), ofPrograms ? or(own, isNull(table.userId)) : own))
    .orderBy(desc(table.createdAt), desc(table.id))
    .limit(200)
}

/** False where it is in another state by now. */
export async function moveConfirmation(
  tx: Transaction,
  { from, id }: { id: string; from: string },
  set: Pick<ConfirmationRow, 'state'> & Partial<ConfirmationRow>,
): Promise<boolean> {
  const { confirmations: table } = tx.tables
  const rows = await tx.queries
    .update(table)
    .set(set)
    .where(and(eq(table.id, id), eq(table.state, from)))
    .returning({ id: table.id })
  return rows.length > 0
}

export async function deleteExpiredConfirmations(tx: Transaction, now: Date): Promise<void> {
  const { confirmations: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.id, at: table.expiresAt }, now)
}
