import { eq } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type MaintenanceRow = Tables['instanceMaintenance']['$inferSelect']

export async function selectMaintenance(reader: Reader): Promise<MaintenanceRow[]> {
  const { instanceMaintenance: table } = reader.tables
  return reader.read.select().from(table).orderBy(table.instanceId)
}

export async function findMaintenanceRow(
  reader: Reader,
  instanceId: string,
): Promise<MaintenanceRow | undefined> {
  const { instanceMaintenance: table } = reader.tables
  return (await reader.read.select().from(table).where(eq(table.instanceId, instanceId)))[0]
}

export async function putMaintenanceRow(tx: Transaction, row: MaintenanceRow): Promise<void> {
  const { instanceMaintenance: table } = tx.tables
  const { instanceId: _, ...set } = row
  await tx.queries.insert(table).values(row).onConflictDoUpdate({ target: table.instanceId, set })
}

export async function deleteMaintenanceRow(tx: Transaction, instanceId: string): Promise<void> {
  const { instanceMaintenance: table } = tx.tables
  await tx.queries.delete(table).where(eq(table.instanceId, instanceId))
}

/** What has ended by itself. */
export async function deleteEndedMaintenance(tx: Transaction, now: Date): Promise<void> {
  const { instanceMaintenance: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.instanceId, at: table.until }, now)
}
