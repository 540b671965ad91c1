import type { ApiTokenList } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { isPerson } from '#people'
import { authorize, hubWide, requireUser } from '#rbac'
import type { TokenListDeps } from './deps.ts'
import { presentToken } from './present.ts'
import { requireBrowser } from './require-browser.ts'
import { findTokens } from './store.ts'

/** The caller's own tokens that are good still. Throws `forbidden` for a token, `unauthenticated`. */
export async function listTokens(ctx: RequestContext, deps: TokenListDeps): Promise<ApiTokenList> {
  const { credential, userId } = requireUser(ctx.actor)
  if (credential.type === 'local') return { items: [] }
  requireBrowser(ctx, 'API tokens are listed')
  return list(ctx, deps, userId)
}

/** Somebody's tokens, for administrators. Throws what `authorize` throws, and `not-found`. */
export async function listTokensOf(
  ctx: RequestContext,
  deps: TokenListDeps,
  userId: string,
): Promise<ApiTokenList> {
  authorize(ctx, 'user.manage', hubWide)
  if (!(await isPerson(ctx.db, userId))) {
    throw new AppError('not-found', { detail: 'There is no such person in this hub.' })
  }
  return list(ctx, deps, userId)
}

async function list(
  ctx: RequestContext,
  { budgets }: TokenListDeps,
  userId: string,
): Promise<ApiTokenList> {
  const rows = await findTokens(ctx.db, userId, ctx.now())
  const used = await budgets.usedBy(
    ctx.db,
    rows.map(({ id }) => id),
  )
  return { items: rows.map((row) => presentToken(row, used.get(row.id) ?? null)) }
}
