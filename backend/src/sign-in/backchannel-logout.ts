import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import type { Reader } from '#db'
import { AppError } from '#errors'
import { findIdentityIds } from '#people'
import { digestOf } from '#secrets'
import type { VerifiedLogoutToken } from '#identity-providers'
import { prepareForgetting } from '#group-sync'
import { endSessions, findIdentitiesOfProviderSession } from '#sessions'
import type { SignInDeps } from './deps.ts'
import { consumeLogoutToken } from './store.ts'

/** What a provider is told that sent something else than a logout token. */
export class LogoutRefused extends Error {}

/**
 * Ends the sessions that a provider has ended on its side (OpenID Connect Back-Channel Logout 1.0). The token is all there
 * is: it counts once, on whichever replica. Throws LogoutRefused.
 */
export async function endByProvider(
  ctx: RequestContext,
  deps: SignInDeps,
  input: { provider: string; tokens: readonly string[] },
): Promise<void> {
  const [token, ...more] = input.tokens
  const provider = deps.providers.find(({ id }) => id === input.provider)
  if (!provider?.verifyLogoutToken) throw new LogoutRefused('this provider sends no logout tokens')
  if (token === undefined || more.length > 0) throw new LogoutRefused('send one logout_token')
  const logout = await provider.verifyLogoutToken(token).catch((cause: unknown) => {
    ctx.log.warn({ error: cause }, 'a logout token was refused')
    const detail = cause instanceof AppError ? cause.detail : 'the logout token could not be read'
    throw new LogoutRefused(detail, { cause })
  })
  const { expiresAt, id, issuer, sessionId, subject } = logout
  const forget = await prepareForgetting(ctx.db, deps.sealedText, {
    identityIds: await findIdentities(ctx.db, logout),
    providerSessionId: sessionId,
  })
  await ctx.db.transaction(async (tx) => {
    if (!(await consumeLogoutToken(tx, digestOf(id), expiresAt))) {
      throw new LogoutRefused('this logout token was used before')
    }
    await forget(tx)
    const which = {
      identityIds: await findIdentities(tx, logout),
      ...(sessionId !== null && {
        providerSession: { id: sessionId, orUnnamed: subject !== null },
      }),
    }
    const ended = await endSessions(tx, which, ctx.now(), 'signed out at the provider')
    await emitAudit(tx, ctx, {
      action: 'auth.backchannel-logout',
      outcome: 'success',
      actor: { principal: `provider:${provider.id}`, userId: null },
      target: { provider: provider.id, issuer, subject, sessions: ended },
    })
  })
}

/** Whose sessions a logout token is about: those of its subject, or of who has the session that it names. */
async function findIdentities(
  reader: Reader,
  { issuer, sessionId, subject }: VerifiedLogoutToken,
): Promise<string[]> {
  if (subject !== null) return findIdentityIds(reader, { issuer, subject })
  const ids = await findIdentitiesOfProviderSession(reader, sessionId ?? '')
  return findIdentityIds(reader, { issuer, ids })
}
