import { and, eq } from 'drizzle-orm'
import type { Tables, Transaction } from '#db'

type Identity = Tables['identities']['$inferSelect']
type User = Tables['users']['$inferSelect']

export type IdentityWithUser = { identity: Identity; user: User }

export async function findIdentity(
  tx: Transaction,
  key: Pick<Identity, 'provider' | 'issuer' | 'subject'>,
): Promise<IdentityWithUser | undefined> {
  const { identities, users } = tx.tables
  const rows = await tx.queries
    .select({ identity: identities, user: users })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(
      and(
        eq(identities.provider, key.provider),
        eq(identities.issuer, key.issuer),
        eq(identities.subject, key.subject),
      ),
    )
  return rows[0]
}

/** False, with nothing inserted, where the identity has appeared meanwhile: the same person signed in twice at once. */
export async function insertUser(
  tx: Transaction,
  user: User,
  identity: Identity,
): Promise<boolean> {
  const { identities, users } = tx.tables
  await tx.queries.insert(users).values(user)
  const rows = await tx.queries
    .insert(identities)
    .values(identity)
    .onConflictDoNothing()
    .returning({ id: identities.id })
  if (rows.length === 1) return true
  await tx.queries.delete(users).where(eq(users.id, user.id))
  return false
}

export async function updateProfile(
  tx: Transaction,
  ids: { userId: string; identityId: string },
  profile: Pick<User, 'displayName' | 'email' | 'lastSignInAt'>,
  synced: Pick<Identity, 'groups' | 'groupsState' | 'groupsSyncedAt' | 'tokensSealed'>,
): Promise<void> {
  const { identities, users } = tx.tables
  await tx.queries.update(users).set(profile).where(eq(users.id, ids.userId))
  await tx.queries
    .update(identities)
    .set({ email: profile.email, lastSignInAt: profile.lastSignInAt, ...synced })
    .where(eq(identities.id, ids.identityId))
}
