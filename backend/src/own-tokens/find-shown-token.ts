import { createBoundedCache } from '#cache'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { FreshTokens } from '#identity-providers'
import { PrivateText, type SealedText } from '#secrets'
import { findSession } from '#sessions'
import { noToken, readClaims, type ShownToken } from './read-own-token.ts'

export type ShownTokenDeps = {
  sealedText: SealedText
  /** Asks the provider of an identity for new ones; null where it gives none. Throws `provider-unavailable`. */
  renewTokens: (identityId: string, signal: AbortSignal) => Promise<FreshTokens | null>
  now: () => Date
}

type Wanted = { bearer: string | null; instance: string; type: ShownToken['type'] }

/**
 * What the identity provider said of the caller: the access token that they presented, or of their sign-in the id_token or,
 * for an exchange, the access token, renewed where it ends and the provider gave the hub what for.
 * Throws `no-cluster-token`, `provider-unavailable`.
 */
export type FindShownToken = (
  ctx: Pick<RequestContext, 'actor' | 'db' | 'signal'>,
  wanted: Wanted,
) => Promise<ShownToken>

/** One that ends so soon is renewed first. */
const skewMs = 10_000
const keptMax = 10_000

export function createShownTokens(deps: ShownTokenDeps): FindShownToken {
  const renew = createRenewals(deps)
  return async (ctx, { bearer, instance, type }) => {
    if (bearer !== null) {
      const shown = read(bearer, 'access_token')
      if (shown) return shown
      throw noToken(
        instance,
        "an API token of the hub is not one, and neither is an opaque token. Come with an access token of the cluster's issuer that is a JWT.",
      )
    }
    const session = await findSessionOf(ctx)
    const sealed = type === 'id_token' ? (session?.session.idTokenSealed ?? null) : null
    const kept = sealed === null ? null : await deps.sealedText.open(sealed)
    const ofSignIn = kept === null ? null : read(kept, 'id_token')
    if (ofSignIn && isGood(ofSignIn, deps.now())) return ofSignIn
    const renewed = session && (await renew(session.identity.id, type, ctx.signal))
    if (renewed) return renewed
    // Its end is said by whoever reads it.
    if (ofSignIn) return ofSignIn
    throw noToken(
      instance,
      'your sign-in left none, or it has ended. Sign in again; if that changes nothing, your identity provider gives the hub no token to renew it by.',
    )
  }
}

/** New tokens, asked for once for all who wait, and kept in memory until they end. */
function createRenewals({
  now,
  renewTokens,
}: ShownTokenDeps): (
  identityId: string,
  type: ShownToken['type'],
  signal: AbortSignal,
) => Promise<ShownToken | null> {
  const known = createBoundedCache<PrivateText>({ entriesMax: keptMax })
  const asking = new Map<string, Promise<FreshTokens | null>>()
  return async (identityId, type, signal) => {
    const key = `${type} ${identityId}`
    const kept = known.get(key)
    const before = kept ? read(kept.reveal(), type) : null
    if (before && isGood(before, now())) return before
    // Whoever asked first may go; the others still wait.
    const patience = AbortSignal.timeout(10_000)
    const underWay = asking.get(identityId) ?? renewTokens(identityId, patience)
    asking.set(identityId, underWay)
    try {
      const fresh = await underWay
      const { accessToken = null, idToken = null } = fresh ?? {}
      if (accessToken !== null)
        known.set(`access_token ${identityId}`, new PrivateText(accessToken))
      if (idToken !== null) known.set(`id_token ${identityId}`, new PrivateText(idToken))
      const text = type === 'id_token' ? idToken : accessToken
      return text === null ? null : read(text, type)
    } catch (error) {
      if (signal.aborted) return null
      if (error instanceof AppError) throw error
      return null
    } finally {
      asking.delete(identityId)
    }
  }
}

function findSessionOf({ actor, db }: Pick<RequestContext, 'actor' | 'db'>) {
  if (actor.type !== 'user' || actor.credential.type !== 'session') return null
  return findSession(db, actor.credential.id)
}

function read(text: string, type: ShownToken['type']): ShownToken | null {
  const claims = readClaims(text)
  return claims && { text, claims, type }
}

function isGood({ claims }: ShownToken, now: Date): boolean {
  return (claims.exp ?? 0) * 1000 - skewMs > now.getTime()
}
