import { eq, inArray } from 'drizzle-orm'
import type { Reader, Tables, Transaction } from '#db'

export type HoldingRow = Tables['tokenHoldings']['$inferSelect']

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
