import { eq } from 'drizzle-orm'
import type { Reader, Tables, Transaction } from '#db'

export type PolicyRow = Tables['instancePolicies']['$inferSelect']

export async function selectPolicies(reader: Reader): Promise<PolicyRow[]> {
  const { instancePolicies: table } = reader.tables
  return reader.read.select().from(table).orderBy(table.instanceId)
}

export async function findPolicyRow(
  reader: Reader,
  instanceId: string,
): Promise<PolicyRow | undefined> {
  const { instancePolicies: table } = reader.tables
  return (await reader.read.select().from(table).where(eq(table.instanceId, instanceId)))[0]
}

export async function putPolicyRow(tx: Transaction, row: PolicyRow): Promise<void> {
  const { instancePolicies: table } = tx.tables
  const { instanceId: _, ...set } = row
  await tx.queries.insert(table).values(row).onConflictDoUpdate({ target: table.instanceId, set })
}

export async function deletePolicyRow(tx: Transaction, instanceId: string): Promise<boolean> {
  const { instancePolicies: table } = tx.tables
  const rows = await tx.queries
    .delete(table)
    .where(eq(table.instanceId, instanceId))
    .returning({ id: table.instanceId })
  return rows.length > 0
}
