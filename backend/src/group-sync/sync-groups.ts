import { randomUUID } from 'node:crypto'
import { reconcileGroups } from '#access'
import type { JobRound } from '#context'
import type { Admission } from '#db'
import { AppError } from '#errors'
import {
  claimIdentity,
  findDueIdentities,
  findIdentityById,
  findIdentityFault,
  lockPerson,
  mergeGroups,
  updateGroups,
  type DueIdentity,
  type IdentityRow,
  type LastingTokens,
  type ProvenGroups,
} from '#people'
import {
  AccessWithdrawn,
  signInTimeoutMs,
  type FreshTokens,
  TokenUnchanged,
  type KnownOrgs,
} from '#identity-providers'
import type { SyncDeps } from './deps.ts'
import { readSealedTokens } from './read-sealed-tokens.ts'
import { withdrawIdentity } from './withdraw-identity.ts'

const identitiesAtOnce = 100
const asksAtOnce = 4
/** A provider that did not answer so often in a row is left alone until the next round. */
const failuresMax = 5

/** More than so many errors of the hub's own end a round. */
const errorsMax = 5

/** What a round learned of one provider. */
export type Health = { inARow: number; failed: number; error: unknown; dropped: number }

type LookUp = {
  proven: ProvenGroups
  tokensSealed: string | null
  /** Whether the provider may have given another token that nobody has. */
  isTokenLost: boolean
  orgs?: KnownOrgs | undefined
  fresh?: FreshTokens | undefined
  /** The provider's definite no. */
  withdrawal?: AccessWithdrawn
}

/**
 * Looks up again, without their people, the groups of every identity that was last asked for before `before`. Of several
 * replicas one asks for each. What could not be looked up stays, marked stale, and counts for a while. What mappings give
 * follows in the same transaction.
 */
export async function syncGroups(deps: SyncDeps, before: Date, round: JobRound): Promise<void> {
  const { signal } = round
  const health = new Map<string, Health>()
  const errors: unknown[] = []
  for (;;) {
    const due = await findDueIdentities(deps.db, before, identitiesAtOnce)
    const queue = due.values()
    const work = async () => {
      for (const identity of queue) {
        if (signal.aborted || errors.length > errorsMax) return
        await syncIdentity(deps, identity, { ...round, before, health }).catch((error: unknown) =>
          errors.push(error),
        )
      }
    }
    await Promise.all(Array.from({ length: asksAtOnce }, work))
    if (due.length < identitiesAtOnce || signal.aborted || errors.length > errorsMax) break
  }
  if (signal.aborted) return
  if (errors.length > 0) {
    deps.log.warn({ error: errors[0] }, 'groups that were looked up could not be written')
  }
  for (const [provider, { dropped, error, failed }] of health) {
    if (dropped > 0) {
      deps.log.warn(
        { provider, dropped },
        'entries that name no group were left out of what it said',
      )
    }
    if (failed === 0) continue
    deps.log.warn(
      { error, provider, people: failed },
      'the groups of some people could not be looked up; what was known of them counts for GROUP_STALE_MAX',
    )
  }
}

/** One identity, and the tokens that came of the look-up; null where it was not this one's turn, or none came. */
export async function syncIdentity(
  deps: SyncDeps,
  id: string,
  round: JobRound & { before: Date; health: Map<string, Health> },
): Promise<FreshTokens | null> {
  const { db, log, now } = deps
  const { before, lease } = round
  const askedAt = now()
  const identity = await db.transaction(async (tx) => {
    await lease?.check(tx)
    return claimIdentity(tx, id, before, askedAt)
  })
  if (identity === null) return null
  // Never within a transaction: the network takes its time.
  const found = await lookUp(deps, identity, round)
  if (found === null) return null
  // Held against what was claimed, not against the lease: what was answered may hold the only token that is good now.
  await db.transaction(async (tx) => {
    const owner = await findIdentityById(tx, identity.id)
    if (!owner || !(await lockPerson(tx, owner.userId))) return
    const current = await findIdentityById(tx, identity.id)
    const isAsAsked =
      current !== null &&
      current.userId === owner.userId &&
      current.lastSignInAt.getTime() === identity.lastSignInAt.getTime() &&
      current.groupsAskedAt?.getTime() === askedAt.getTime() &&
      current.tokensSealed === identity.tokensSealed
    // Somebody signed in meanwhile, and knows better.
    if (!isAsAsked) return
    const { isTokenLost, orgs, proven, tokensSealed, withdrawal } = found
    const ctx = { actor: { type: 'system' as const }, requestId: randomUUID(), ip: null, now, log }
    const { config, configured } = deps.auth
    const reconciling = { configured, groupStaleSeconds: config.groupStaleSeconds }
    if (withdrawal) return withdrawIdentity(tx, ctx, reconciling, current, withdrawal.reason)
    const admission = orgs ? admitAnew(current, orgs) : current.admission
    await updateGroups(tx, current, {
      ...mergeGroups(current, proven, askedAt),
      // Who was not asked has said nothing else.
      groupsDropped: proven.dropped ?? (proven.groupsState === 'fresh' ? 0 : current.groupsDropped),
      tokensSealed,
      isAsking: isTokenLost,
      admission,
    })
    // Whoever left the organization by which they were let in is out at once.
    const judge = (each: typeof current.admission) =>
      findIdentityFault({ ...current, admission: each }, deps.auth.config)?.kind
    if (judge(admission) !== judge(current.admission)) {
      await tx.announce({ topic: 'user', subject: current.userId })
    }
    await reconcileGroups(tx, ctx, reconciling, {
      userId: current.userId,
      proof: { identityId: current.id, proven },
    })
  })
  return found.fresh ?? null
}

/** Null where the hub stops meanwhile. What was answered before is kept: it may be a token that is there once only. */
async function lookUp(
  { auth, now }: SyncDeps,
  identity: DueIdentity,
  { health, signal }: { signal: AbortSignal; health: Map<string, Health> },
): Promise<LookUp | null> {
  const { isAsking, provider: id, tokensSealed } = identity
  const unasked = (reason: unknown): LookUp => ({
    proven: unknown(reason),
    tokensSealed,
    isTokenLost: isAsking,
  })
  if (tokensSealed === null) return { ...unasked('nothing to ask with'), isTokenLost: false }
  const provider = auth.providers.find((each) => each.id === id)
  const fault = findIdentityFault(identity, auth.config)
  // What another client, issuer or tenant gave is not shown to this one; it is good again when that is enabled again.
  if (!provider || (fault !== null && fault.kind !== 'organization')) {
    return unasked(fault?.sentence ?? 'its provider is not enabled')
  }
  const known = health.get(id) ?? { inARow: 0, failed: 0, error: null, dropped: 0 }
  health.set(id, known)
  if (known.inARow >= failuresMax) {
    known.failed += 1
    return unasked('its provider does not answer')
  }
  let tokens: LastingTokens | null = null
  try {
    tokens = await readSealedTokens(auth.sealedText, tokensSealed)
    if ('endsAt' in tokens && tokens.endsAt !== undefined && now().getTime() >= tokens.endsAt) {
      return {
        proven: unknown('its token is over with the session at the provider'),
        tokensSealed: null,
        isTokenLost: false,
      }
    }
    const answer = await provider.readGroups({
      identity,
      tokens,
      signal: AbortSignal.any([signal, AbortSignal.timeout(signInTimeoutMs)]),
    })
    known.inARow = 0
    known.dropped += answer.proven.dropped ?? 0
    if (answer.proven.groupsState === 'unknown') {
      known.failed += 1
      known.error = answer.proven.reason
    }
    const isSame = JSON.stringify(answer.tokens) === JSON.stringify(tokens)
    return {
      orgs: answer.orgs,
      fresh: answer.fresh,
      proven: answer.proven,
      tokensSealed: isSame
        ? tokensSealed
        : await auth.sealedText.seal(JSON.stringify(answer.tokens)),
      isTokenLost: false,
    }
  } catch (error) {
    if (signal.aborted) return null
    known.failed += 1
    known.error = error
    const isDown = error instanceof AppError && error.code === 'provider-unavailable'
    known.inARow = isDown ? known.inARow + 1 : 0
    if (!(error instanceof AccessWithdrawn)) {
      const isUnchanged = tokens === null || error instanceof TokenUnchanged
      return { ...unasked(error), isTokenLost: isUnchanged ? isAsking : true }
    }
    // What is refused is not asked with again.
    const refused = { proven: unknown(error), tokensSealed: null, isTokenLost: false }
    return isDefinite(identity, tokens) ? { ...refused, withdrawal: error } : refused
  }
}

/**
 * Whether that a token is refused is a word about the person: not where the provider may have given another one that was
 * lost on its way here, nor where it may be another client's.
 */
function isDefinite({ admission, isAsking }: DueIdentity, tokens: LastingTokens | null): boolean {
  if (tokens === null) return false
  if ('accessToken' in tokens) return true
  return admission !== null && (!isAsking || tokens.isKept === true)
}

/** What is known of organizations that were left out stays as it was. */
function admitAnew({ admission }: IdentityRow, { omittedOrgs, orgs }: KnownOrgs): Admission | null {
  if (admission === null || orgs === null) return admission
  const omitted = (admission.orgs ?? []).filter(
    ({ id }) =>
      !orgs.some((org) => org.id === id) && (omittedOrgs === null || omittedOrgs.includes(id)),
  )
  return { ...admission, orgs: [...orgs.map(({ id, login }) => ({ id, login })), ...omitted] }
}

function unknown(reason: unknown): ProvenGroups {
  return { groupsState: 'unknown', groups: null, reason }
}
