import { randomUUID } from 'node:crypto'
import type { ProviderId } from '@hub/shared'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { mergeGroups, type ProvenGroups } from './groups/merge-groups.ts'
import { indexGroups } from './groups/index-groups.ts'
import { findIdentity } from './identities/store.ts'
import type { IdentityWithUser } from './rows.ts'
import { insertUser, lockPerson, updateProfile } from './store.ts'

/** What to ask the provider with when the person is not there. */
export type LastingTokens =
  | {
      refreshToken: string
      /** Of the person's session at the provider, with which it ends; left out where it lasts beyond. */
      sessionId?: string | undefined
      /** When it ends by itself, in milliseconds, where the provider says so. */
      endsAt?: number | undefined
      /** A look-up gave no other token instead: it is not replaced by being used. */
      isKept?: true | undefined
    }
  | { accessToken: string }

/** What an identity provider vouched for. (provider, issuer, subject) is the identity; names and e-mail are for display. */
export type ProvenIdentity = ProvenGroups & {
  provider: ProviderId
  issuer: string
  subject: string
  principal: string
  displayName: string
  email: string | null
  /** The provider itself has checked that the address is the person's. */
  isEmailVerified: boolean
  /** As which client of the provider the hub asked. */
  clientId: string
  /** What the hub calls the tenant, at Entra. */
  tenant?: string
  /** The organizations, of GitHub, where it says them. */
  orgs?: readonly { id: number; login: string }[] | null
  /** The provider's name of its own session (`sid`), where it has one. */
  providerSessionId: string | null
  /** For the provider's end_session_endpoint. */
  idToken: string | null
  /** When the person last proved to the provider who they are, as far as it says; else now. */
  authenticatedAt: Date
  /** For looking groups up again, where the provider gave something that lasts. */
  tokens: LastingTokens | null
  /** What was given before is not to be used any more. */
  forgetsTokens?: boolean
}

/**
 * Finds the person behind an identity, or makes a new one; never by e-mail, which providers let people choose. The
 * profile and the groups become what the provider says now.
 * Throws `login-refused` for a disabled person.
 */
export async function signInUser(
  tx: Transaction,
  proven: ProvenIdentity,
  tokensSealed: string | null,
  now: Date,
): Promise<{ userId: string; identityId: string }> {
  const profile = { displayName: proven.displayName, email: proven.email, lastSignInAt: now }
  const admission = {
    clientId: proven.clientId,
    tenant: proven.tenant ?? null,
    isEmailVerified: proven.isEmailVerified,
    orgs: proven.orgs ?? null,
  }
  const known = await findIdentity(tx, proven)
  if (known) return signInKnown(known)
  const ids = { userId: randomUUID(), identityId: randomUUID() }
  const isNew = await indexGroups(tx, [ids.userId], () =>
    insertUser(
      tx,
      { id: ids.userId, ...profile, disabledAt: null, createdAt: now },
      {
        id: ids.identityId,
        userId: ids.userId,
        provider: proven.provider,
        issuer: proven.issuer,
        subject: proven.subject,
        principal: proven.principal,
        email: proven.email,
        ...mergeGroups(null, proven, now),
        groupsAskedAt: now,
        groupsDropped: proven.dropped ?? 0,
        isAsking: false,
        tokensSealed,
        admission,
        withdrawnAt: null,
        withdrawnReason: null,
        createdAt: now,
        lastSignInAt: now,
      },
    ),
  )
  return isNew ? ids : signInKnown((await findIdentity(tx, proven))!)

  async function signInKnown(
    found: IdentityWithUser,
  ): Promise<{ userId: string; identityId: string }> {
    // Whoever disables the person, joins them with another or looks their groups up goes first, or waits.
    const isEnabled = await lockPerson(tx, found.user.id)
    const { identity, user } = (await findIdentity(tx, proven))!
    if (user.id !== found.user.id) return signInKnown({ identity, user })
    if (!isEnabled) {
      throw new AppError('user-disabled', {
        detail:
          'Your account is disabled in this hub. An administrator of the hub can enable it again.',
      })
    }
    const idsKnown = { userId: user.id, identityId: identity.id }
    await indexGroups(tx, [user.id], () =>
      updateProfile(tx, idsKnown, profile, {
        ...mergeGroups(identity, proven, now),
        groupsAskedAt: now,
        groupsDropped: proven.dropped ?? 0,
        // A provider may give a lasting token once only, at the first consent.
        tokensSealed: proven.forgetsTokens ? null : (tokensSealed ?? identity.tokensSealed),
        isAsking: false,
        admission,
        withdrawnAt: null,
        withdrawnReason: null,
      }),
    )
    return idsKnown
  }
}
