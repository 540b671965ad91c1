import type { CreateApiToken, CreatedApiToken } from '@hub/shared'
import type * as z from 'zod'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { requireFresh, requireUser, unauthenticated } from '#rbac'
import { lockPerson } from '#people'
import { digestOf } from '#secrets'
import { presentToken, readBudget } from './present.ts'
import { requireBrowser } from './require-browser.ts'
import { countTokens, insertToken, type ApiTokenRow } from './store.ts'
import { mintToken } from './token-text.ts'

const tokensPerPersonMax = 50
const dayMs = 86_400_000

/**
 * Makes an API token of the caller; its secret is in the answer and nowhere else again. Only a browser session may, and
 * only soon after signing in: whoever steals a token gets no second one out of it.
 * Throws `forbidden`, `reauthentication-required`, `invalid-request`, `too-many-tokens`.
 */
export async function createToken(
  ctx: RequestContext,
  input: z.output<typeof CreateApiToken>,
): Promise<CreatedApiToken> {
  const { userId } = requireUser(ctx.actor)
  requireBrowser(ctx, 'API tokens are made')
  requireFresh(ctx)
  if (input.roleCeiling === 'admin' && input.instanceIds !== null) {
    const detail = 'admin is always hub-wide; leave out instanceIds, or choose deployer'
    throw new AppError('invalid-request', {
      detail: `The request is not valid. /roleCeiling: ${detail}.`,
      errors: [{ pointer: '/roleCeiling', detail }],
    })
  }
  const now = ctx.now()
  const { id, text } = mintToken()
  const token: ApiTokenRow = {
    id,
    secretHash: digestOf(text),
    userId,
    name: input.name,
    roleCeiling: input.roleCeiling,
    instanceIds: input.instanceIds === null ? null : [...new Set(input.instanceIds)],
    isUseOnly: input.isUseOnly,
    callsPerDay: input.budget.callsPerDay,
    gpusMax: input.budget.gpus,
    createdAt: now,
    expiresAt: new Date(now.getTime() + input.expiresInDays * dayMs),
    lastUsedAt: null,
    revokedAt: null,
    revokeReason: null,
  }
  await ctx.db.transaction(async (tx) => {
    // Disabled a moment ago; and of two that are made at once, the second counts the first.
    if (!(await lockPerson(tx, userId))) throw unauthenticated()
    if ((await countTokens(tx, userId, now)) >= tokensPerPersonMax) {
      throw new AppError('too-many-tokens', {
        detail: `You have ${tokensPerPersonMax} API tokens, the most a person may have. Revoke one that you no longer need.`,
      })
    }
    await insertToken(tx, token)
    await emitAudit(tx, ctx, {
      action: 'token.create',
      outcome: 'success',
      target: { tokenId: id },
      after: describeToken(token),
    })
  })
  return { token: presentToken(token), secret: text }
}

export function describeToken(token: ApiTokenRow): Record<string, unknown> {
  const { expiresAt, instanceIds, isUseOnly, name, roleCeiling } = token
  const budget = readBudget(token)
  return { name, roleCeiling, instanceIds, isUseOnly, budget, expiresAt: expiresAt.toISOString() }
}
