import { inArray, lt } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Transaction } from './database.ts'

/** How many rows a statement removes: nothing else is written meanwhile, nor, on SQLite, done. */
const removedAtOnce = 500

/** Removes the rows of a table whose time `at` is before `until`, some at a time. */
export async function deleteOverdue(
  tx: Transaction,
  { at, key, table }: { table: PgTable; key: PgColumn; at: PgColumn },
  until: Date,
): Promise<void> {
  for (let removed = removedAtOnce; removed === removedAtOnce;) {
    const some = tx.queries.select({ key }).from(table).where(lt(at, until)).limit(removedAtOnce)
    removed = (await tx.queries.delete(table).where(inArray(key, some)).returning({ key })).length
  }
}

const changesKeptMs = 3_600_000

/** Everybody has heard of them, or reads everything anew. */
export async function deleteOldChanges(tx: Transaction, now: Date): Promise<void> {
  const { changes: table } = tx.tables
  const until = new Date(now.getTime() - changesKeptMs)
  await deleteOverdue(tx, { table, key: table.seq, at: table.occurredAt }, until)
}
