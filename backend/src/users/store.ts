import { and, eq } from 'drizzle-orm'
import type { Tables, Transaction } from '#db'

type Identity = Tables['identities']['$inferSelect']
type User = Tables['users']['$inferSelect']

export async function findIdentity(
  tx: Transaction,
  key: Pick<Identity, 'provider' | 'issuer' | 'subject'>,
): Promise<{ identity: Identity; user: User } | undefined> {
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

export async function insertUser(tx: Transaction, user: User, identity: Identity): Promise<void> {
  await tx.queries.insert(tx.tables.users).values(user)
  await tx.queries.insert(tx.tables.identities).values(identity)
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
