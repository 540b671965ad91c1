import type { Transaction } from '#db'
import { endSessions } from '#sessions'
import { endTokens } from '#tokens'

/** What opens the hub to a person: ended for good, whatever becomes of the person. */
export async function endAccess(
  tx: Transaction,
  userId: string,
  now: Date,
  reason: string,
): Promise<{ sessions: number; tokens: number }> {
  const sessions = await endSessions(tx, { userId }, now, reason)
  return { sessions: sessions.length, tokens: await endTokens(tx, userId, now, reason) }
}
