import { randomUUID } from 'node:crypto'
import type { ProviderId } from '@hub/shared'
import type { Transaction } from '#db'
import { AppError } from '#errors'
import { findIdentity, insertUser, updateProfile } from './store.ts'

/** What an identity provider vouched for. (provider, issuer, subject) is the identity; the rest is for display. */
export type ProvenIdentity = {
  provider: ProviderId
  issuer: string
  subject: string
  principal: string
  displayName: string
  email: string | null
  /** The provider's name of its own session (`sid`), which a back-channel logout names. */
  providerSessionId: string | null
  /** For the provider's end_session_endpoint. */
  idToken: string | null
  /** When the person last proved to the provider who they are. */
  authenticatedAt: Date
}

/**
 * Finds the person behind an identity, or makes a new one; never by e-mail, which providers let people choose.
 * Throws `login-refused` for a disabled person.
 */
export async function signInUser(
  tx: Transaction,
  proven: ProvenIdentity,
  now: Date,
): Promise<{ userId: string; identityId: string }> {
  const profile = { displayName: proven.displayName, email: proven.email, lastSignInAt: now }
  const known = await findIdentity(tx, proven)
  if (known) {
    if (known.user.disabledAt !== null) {
      throw new AppError('login-refused', {
        detail: 'Your account in this hub is disabled. Ask an administrator.',
      })
    }
    const ids = { userId: known.user.id, identityId: known.identity.id }
    await updateProfile(tx, ids, profile)
    return ids
  }
  const ids = { userId: randomUUID(), identityId: randomUUID() }
  await insertUser(
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
      groups: null,
      groupsState: 'unknown',
      groupsSyncedAt: null,
      tokensSealed: null,
      createdAt: now,
      lastSignInAt: now,
    },
  )
  return ids
}
