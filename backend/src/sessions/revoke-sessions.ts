import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireFresh } from '#rbac'
import { requireSession } from './require-session.ts'
import { endSessions } from './store.ts'

/** Ends one of the caller's sessions. Throws as `requireSession` does, and `not-found`. */
export async function revokeSession(ctx: RequestContext, id: string): Promise<void> {
  const { userId } = requireSession(ctx)
  await revoke(ctx, { id, userId }, 'revoked by its owner')
}

/** Ends the caller's sessions but the one that asks. Throws as `requireSession` does. */
export async function revokeOtherSessions(ctx: RequestContext): Promise<void> {
  const { id, userId } = requireSession(ctx)
  await revoke(ctx, { userId, exceptId: id }, 'revoked by its owner')
}

/** Ends one or all of a person's sessions, for administrators. Throws what `authorize` and `requireFresh` throw, and `not-found`. */
export async function revokeSessionsOf(
  ctx: RequestContext,
  selector: { userId: string; id?: string },
): Promise<void> {
  authorize(ctx, 'user.manage', hubWide)
  requireFresh(ctx, { allowBearer: true })
  await revoke(ctx, selector, 'revoked by an administrator')
}

async function revoke(
  ctx: RequestContext,
  selector: { userId: string; id?: string; exceptId?: string },
  reason: string,
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { exceptId, id, userId } = selector
    const which =
      id !== undefined ? { id, userId } : exceptId !== undefined ? { userId, exceptId } : { userId }
    const ended = await endSessions(tx, which, ctx.now(), reason)
    if (id !== undefined && ended.length === 0) {
      throw new AppError('not-found', {
        detail: 'There is no such session: it has ended, or was never there.',
      })
    }
    if (ended.length === 0) return
    await emitAudit(tx, ctx, {
      action: 'session.revoke',
      outcome: 'success',
      target: { userId, sessions: ended },
      reason,
    })
  })
}
