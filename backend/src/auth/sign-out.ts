import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { revokeSessionRow } from './store.ts'

/** Ends the caller's session at once, on every replica. Signing out twice, or without a session, is no error. */
export async function signOut(ctx: RequestContext): Promise<void> {
  const { actor } = ctx
  if (actor.type !== 'user') return
  await ctx.db.transaction(async (tx) => {
    await revokeSessionRow(tx, actor.sessionId, ctx.now(), 'signed out')
    await emitAudit(tx, ctx, { action: 'auth.sign-out', outcome: 'success' })
  })
}
