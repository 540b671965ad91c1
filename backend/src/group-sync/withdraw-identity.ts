import { reconcileGroups, type Configured } from '#access'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Transaction } from '#db'
import { findIdentityIds, updateGroups, type IdentityRow } from '#people'
import { endSessions } from '#sessions'

/**
 * Ends what rests on a provider's word that it took back: the sessions, and what groups gave. API tokens and other grants
 * rest with it, unless another identity of the person counts, until they sign in again. The person's row is locked.
 */
export async function withdrawIdentity(
  tx: Transaction,
  ctx: Pick<RequestContext, 'actor' | 'requestId' | 'ip' | 'now' | 'log'>,
  deps: { groupStaleSeconds: number; configured: Configured },
  { id, issuer, principal, provider, subject, userId }: IdentityRow,
  reason: string,
): Promise<void> {
  const now = ctx.now()
  await updateGroups(
    tx,
    { id, userId },
    {
      groups: null,
      groupsState: 'unknown',
      groupsSyncedAt: null,
      isAsking: false,
      tokensSealed: null,
      withdrawnAt: now,
      withdrawnReason: reason,
    },
  )
  const identityIds = await findIdentityIds(tx, { issuer, subject })
  const ended = await endSessions(
    tx,
    { identityIds },
    now,
    'the identity provider no longer vouches for the identity',
  )
  await tx.announce({ topic: 'user', subject: userId })
  await reconcileGroups(tx, ctx, deps, { userId })
  await emitAudit(tx, ctx, {
    action: 'user.withdraw',
    outcome: 'success',
    target: { userId, identityId: id, principal, provider },
    after: { sessions: ended.length },
    reason,
  })
}
