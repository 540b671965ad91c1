import type { Transaction } from '#db'
import type { GrantRow } from '../store.ts'
import { endRequestOfGrant } from './store.ts'

/** The grant that a request became is over, by itself or before: the request says so, and who sees it hears of it. */
export async function announceEndOfRequest(
  tx: Transaction,
  { id, userId }: Pick<GrantRow, 'id' | 'userId'>,
  now: Date,
): Promise<void> {
  if (userId === null) return
  await endRequestOfGrant(tx, id, now)
  await tx.announce({ topic: 'access-request', subject: userId })
}
