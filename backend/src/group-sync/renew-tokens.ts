import { AppError } from '#errors'
import type { FreshTokens } from '#identity-providers'
import { findIdentityById } from '#people'
import type { SyncDeps } from './deps.ts'
import { syncIdentity, type Health } from './sync-groups.ts'

/** Who set out so long ago, on whichever replica, has come to an end. */
const underWayMs = 15_000

/**
 * New tokens of the provider for a person who is signed in, by what it gave for looking their groups up; these are looked up
 * with them. Of several replicas one asks at a time, so that no token is used twice. Null where the provider gives none.
 * Throws `provider-unavailable` where it is away, and while another replica asks.
 */
export async function renewTokens(
  deps: SyncDeps,
  identityId: string,
  signal: AbortSignal,
): Promise<FreshTokens | null> {
  const identity = await findIdentityById(deps.db, identityId)
  if (!identity || identity.tokensSealed === null) return null
  const now = deps.now()
  const before = identity.isAsking ? new Date(now.getTime() - underWayMs) : now
  const health = new Map<string, Health>()
  const fresh = await syncIdentity(deps, identityId, { before, health, signal, lease: null })
  for (const { error } of health.values()) {
    if (error !== null) {
      const { principal } = identity
      deps.log.warn({ error, principal }, 'the tokens of a session could not be renewed')
    }
    if (error instanceof AppError && error.code === 'provider-unavailable') throw error
  }
  const after = fresh ? null : await findIdentityById(deps.db, identityId)
  if (after?.isAsking) {
    throw new AppError('provider-unavailable', {
      detail:
        'New tokens of yours are being asked for at your identity provider. Try again in a moment.',
    })
  }
  return fresh
}
