import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { authorize, hubWide, requireUser } from '#rbac'
import { describeToken } from './create-token.ts'
import { requireBrowser } from './require-browser.ts'
import { revokeTokenRow } from './store.ts'

/**
 * Ends one of the caller's tokens: on every replica within a moment. A token may end itself, and nothing else.
 * Throws `not-found`, `forbidden`, `unauthenticated`.
 */
export async function revokeToken(ctx: RequestContext, id: string): Promise<void> {
  const { credential, userId } = requireUser(ctx.actor)
  const isItself = credential.type === 'token' && credential.id === id
  if (!isItself) requireBrowser(ctx, 'Other API tokens are revoked')
  await revoke(ctx, { id, userId }, 'revoked by its owner')
}

/** Ends a token of anybody, for administrators. Throws what `authorize` throws, and `not-found`. */
export async function revokeTokenOf(
  ctx: RequestContext,
  key: { id: string; userId: string },
): Promise<void> {
  authorize(ctx, 'user.manage', hubWide)
  await revoke(ctx, key, 'revoked by an administrator')
}

async function revoke(
  ctx: RequestContext,
  key: { id: string; userId: string },
  reason: string,
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const token = await revokeTokenRow(tx, key, ctx.now(), reason)
    if (token === null) {
      throw new AppError('not-found', {
        detail: 'There is no such API token: it has expired or was revoked already.',
      })
    }
    await tx.announce({ topic: 'token', subject: key.id })
    await emitAudit(tx, ctx, {
      action: 'token.revoke',
      outcome: 'success',
      target: { tokenId: key.id, userId: key.userId },
      before: describeToken(token),
      reason,
    })
  })
}
