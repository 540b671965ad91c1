import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { AuthDeps } from './deps.ts'
import { revokeSessionRow } from './store.ts'

/** Ends the caller's session: here at once, on other replicas within a second. Signing out twice, or without a session, is no error. */
export async function signOut(ctx: RequestContext, deps: AuthDeps): Promise<void> {
  const { actor } = ctx
  if (actor.type !== 'user' || actor.credential.type !== 'session') return
  const { id } = actor.credential
  await ctx.db.transaction(async (tx) => {
    await revokeSessionRow(tx, id, ctx.now(), 'signed out')
    await emitAudit(tx, ctx, { action: 'auth.sign-out', outcome: 'success' })
    tx.afterCommit(() => deps.sessionCache.drop(id))
  })
}
