import { eq } from 'drizzle-orm'
import type { Reader, Tables, Transaction } from '#db'

export type OidcProfileRow = Tables['oidcProfiles']['$inferSelect']

export async function findProfileRow(
  reader: Reader,
  instanceId: string,
): Promise<OidcProfileRow | undefined> {
  const { oidcProfiles: table } = reader.tables
  return (await reader.read.select().from(table).where(eq(table.instanceId, instanceId)))[0]
}

export async function putProfileRow(tx: Transaction, row: OidcProfileRow): Promise<void> {
  const { oidcProfiles: table } = tx.tables
  const { instanceId: _, ...set } = row
  await tx.queries.insert(table).values(row).onConflictDoUpdate({ target: table.instanceId, set })
}

export async function deleteProfileRow(tx: Transaction, instanceId: string): Promise<boolean> {
  const { oidcProfiles: table } = tx.tables
  const rows = await tx.queries
    .delete(table)
    .where(eq(table.instanceId, instanceId))
    .returning({ id: table.instanceId })
  return rows.length > 0
}
