import { and, eq, gt, isNull, type SQL } from 'drizzle-orm'
import { deleteOverdue, type Transaction } from '#db'

export type CodePurpose = 'setup' | 'link'

export async function insertCode(
  tx: Transaction,
  code: {
    codeHash: string
    purpose: CodePurpose
    principal: string | null
    createdAt: Date
    expiresAt: Date
  },
): Promise<void> {
  await tx.queries.insert(tx.tables.oneTimeCodes).values({ ...code, usedAt: null })
}

/**
 * Uses up all setup codes, those of other replicas too, and returns their hashes: of several people at once, one alone
 * gets any. It waits for whoever came first.
 */
export async function useSetupCodes(tx: Transaction, now: Date): Promise<string[]> {
  const used = await useUp(tx, eq(tx.tables.oneTimeCodes.purpose, 'setup'), now)
  return used.map(({ codeHash }) => codeHash)
}

/** Whom the link is for, the first time; null for one that is used, over, or none. */
export async function useLink(
  tx: Transaction,
  codeHash: string,
  now: Date,
): Promise<string | null> {
  const { oneTimeCodes } = tx.tables
  const which = and(eq(oneTimeCodes.codeHash, codeHash), eq(oneTimeCodes.purpose, 'link'))
  const [used] = await useUp(tx, which, now)
  return used?.principal ?? null
}

/** Those that are good are good no more; of several who use one at once, one gets it. */
function useUp(
  { queries, tables: { oneTimeCodes } }: Transaction,
  which: SQL | undefined,
  now: Date,
) {
  return queries
    .update(oneTimeCodes)
    .set({ usedAt: now })
    .where(and(which, isNull(oneTimeCodes.usedAt), gt(oneTimeCodes.expiresAt, now)))
    .returning({ codeHash: oneTimeCodes.codeHash, principal: oneTimeCodes.principal })
}

export async function deleteCode(tx: Transaction, codeHash: string): Promise<void> {
  await tx.queries
    .delete(tx.tables.oneTimeCodes)
    .where(eq(tx.tables.oneTimeCodes.codeHash, codeHash))
}

export async function deleteExpiredCodes(tx: Transaction, now: Date): Promise<void> {
  const { oneTimeCodes: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.codeHash, at: table.expiresAt }, now)
}
