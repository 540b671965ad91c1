import type { SignedOut } from '@hub/shared'
import { emitAudit } from '#audit'
import type { RequestContext } from '#context'
import { prepareForgetting } from '#group-sync'
import type { SignInDeps } from './deps.ts'
import { resolvePublicOrigin, type Address } from './public-origin.ts'
import { endSessions, findSession, type SessionWithUser } from '#sessions'

/**
 * Ends the caller's session, here and then, where it has such a place, at the provider. Signing out twice, or without a
 * session, is no error; nor is a provider that does not answer.
 */
export async function signOut(
  ctx: RequestContext,
  deps: SignInDeps,
  client: Address,
): Promise<SignedOut> {
  const { actor } = ctx
  if (actor.type !== 'user' || actor.credential.type !== 'session') return { redirectTo: null }
  const { id } = actor.credential
  const found = await findSession(ctx.db, id)
  const { providerSessionId = null } = found?.session ?? {}
  const forget =
    found && providerSessionId !== null
      ? await prepareForgetting(ctx.db, deps.sealedText, {
          identityIds: [found.identity.id],
          providerSessionId,
        })
      : null
  await ctx.db.transaction(async (tx) => {
    await forget?.(tx)
    await endSessions(tx, { id }, ctx.now(), 'signed out')
    await emitAudit(tx, ctx, { action: 'auth.sign-out', outcome: 'success' })
  })
  return { redirectTo: found ? await findLogoutUrl(ctx, deps, found, client) : null }
}

async function findLogoutUrl(
  ctx: RequestContext,
  deps: SignInDeps,
  { identity, session }: SessionWithUser,
  client: Address,
): Promise<string | null> {
  const provider = deps.providers.find(({ id }) => id === identity.provider)
  try {
    const { idTokenSealed } = session
    const idToken = idTokenSealed === null ? null : await deps.sealedText.open(idTokenSealed)
    const returnTo = `${resolvePublicOrigin(deps.config, client)}/login`
    const url = await provider?.createLogoutUrl?.({ idToken, returnTo })
    return url?.href ?? null
  } catch (error) {
    ctx.log.warn({ error }, "the provider's own session could not be ended")
    return null
  }
}
