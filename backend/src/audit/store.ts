import { desc } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'

export type AuditRow = Tables['auditLog']['$inferSelect']

export async function insertAuditRow(
  tx: Transaction,
  row: Tables['auditLog']['$inferInsert'],
): Promise<void> {
  await tx.queries.insert(tx.tables.auditLog).values(row)
}

/** The newest rows first. */
export async function selectAuditRows(db: Database, limit: number): Promise<AuditRow[]> {
  const { auditLog } = db.tables
  return db.read.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(limit)
}
