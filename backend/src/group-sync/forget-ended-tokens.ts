import type { Database, Transaction } from '#db'
import { findKeptTokens, forgetTokens } from '#people'
import type { SealedText } from '#secrets'
import { readSealedTokens } from './read-sealed-tokens.ts'

/**
 * Of a session that ended at the provider nothing is left to ask with, and that the provider says so later is no word about
 * the person. Returns what writes it down, for the transaction that ends the session here.
 */
export async function prepareForgetting(
  db: Database,
  sealedText: SealedText,
  ended: { identityIds: readonly string[]; providerSessionId: string | null },
): Promise<(tx: Transaction) => Promise<void>> {
  const { identityIds, providerSessionId } = ended
  const over: { id: string; tokensSealed: string }[] = []
  for (const kept of await findKeptTokens(db, identityIds)) {
    // What no key opens is of no use anyway, and is said when it is due.
    const tokens = await readSealedTokens(sealedText, kept.tokensSealed).catch(() => null)
    const sessionId = tokens !== null && 'sessionId' in tokens ? tokens.sessionId : undefined
    const isOver = providerSessionId === null || sessionId === providerSessionId
    if (sessionId !== undefined && isOver) over.push(kept)
  }
  return async (tx) => {
    for (const kept of over) await forgetTokens(tx, kept)
  }
}
