import type { Transaction } from '#db'

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
