import type { ApiTokenList } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isPerson } from '#people'
import { authorize, hubWide, requireUser } from '#rbac'
import { presentToken } from './present.ts'
import { requireBrowser } from './require-browser.ts'
import { findTokens } from './store.ts'

/** The caller's own tokens that are good still. Throws `forbidden` for a token, `unauthenticated`. */
export async function listTokens(ctx: RequestContext): Promise<ApiTokenList> {
  const { credential, userId } = requireUser(ctx.actor)
  if (credential.type === 'local') return { items: [] }
  requireBrowser(ctx, 'API tokens are listed')
  return { items: (await findTokens(ctx.db, userId, ctx.now())).map(presentToken) }
}

/** Somebody's tokens, for administrators. Throws what `authorize` throws, and `not-found`. */
export async function listTokensOf(ctx: RequestContext, userId: string): Promise<ApiTokenList> {
  authorize(ctx, 'user.manage', hubWide)
  if (!(await isPerson(ctx.db, userId))) {
    throw new AppError('not-found', { detail: 'There is no such person in this hub.' })
  }
  return { items: (await findTokens(ctx.db, userId, ctx.now())).map(presentToken) }
}
