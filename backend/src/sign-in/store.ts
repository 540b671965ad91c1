import { deleteOverdue, type Transaction } from '#db'

/** False where this logout token was acted on before, on whichever replica. */
export async function consumeLogoutToken(
  tx: Transaction,
  idHash: string,
  expiresAt: Date,
): Promise<boolean> {
  const rows = await tx.queries
    .insert(tx.tables.usedLogoutTokens)
    .values({ idHash, expiresAt })
    .onConflictDoNothing()
    .returning({ idHash: tx.tables.usedLogoutTokens.idHash })
  return rows.length === 1
}

/** False where this login was consumed before, on whichever replica. */
export async function consumeLogin(
  tx: Transaction,
  idHash: string,
  expiresAt: Date,
): Promise<boolean> {
  const rows = await tx.queries
    .insert(tx.tables.consumedLogins)
    .values({ idHash, expiresAt })
    .onConflictDoNothing()
    .returning({ idHash: tx.tables.consumedLogins.idHash })
  return rows.length === 1
}

/** What nobody can use again anyway. */
export async function deleteExpiredLogins(tx: Transaction, now: Date): Promise<void> {
  const { consumedLogins, usedLogoutTokens } = tx.tables
  for (const table of [consumedLogins, usedLogoutTokens]) {
    await deleteOverdue(tx, { table, key: table.idHash, at: table.expiresAt }, now)
  }
}
