import { and, asc, eq, isNotNull, isNull, lte, or } from 'drizzle-orm'
import type { Database, Transaction } from '#db'
import type { IdentityRow } from '#users'
import { identityColumns, type CheckedIdentity } from '../identity-columns.ts'

/** What a look-up begins with; the groups themselves can be a hundred kilobytes. */
export type DueIdentity = Pick<
  IdentityRow,
  'id' | 'groupsState' | 'tokensSealed' | 'lastSignInAt'
> &
  CheckedIdentity

function isDue({ identities }: Database['tables'], before: Date) {
  return and(
    or(isNull(identities.groupsAskedAt), lte(identities.groupsAskedAt, before)),
    or(isNotNull(identities.tokensSealed), isNotNull(identities.groups)),
  )
}

/** Identities of enabled people that may give something by their groups, and were last asked for before that time. */
export async function findDueIdentities(
  db: Database,
  before: Date,
  limit: number,
): Promise<DueIdentity[]> {
  const { identities, users } = db.tables
  return db.read
    .select({
      ...identityColumns(db.tables),
      groupsState: identities.groupsState,
      tokensSealed: identities.tokensSealed,
      lastSignInAt: identities.lastSignInAt,
    })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(and(isDue(db.tables, before), isNull(users.disabledAt)))
    .orderBy(asc(identities.groupsAskedAt), asc(identities.id))
    .limit(limit)
}

/** False where another replica was first, or the person signed in meanwhile. */
export async function claimIdentity(
  tx: Transaction,
  id: string,
  before: Date,
  now: Date,
): Promise<boolean> {
  const { identities } = tx.tables
  const rows = await tx.queries
    .update(identities)
    .set({ groupsAskedAt: now })
    .where(and(eq(identities.id, id), isDue(tx.tables, before)))
    .returning({ id: identities.id })
  return rows.length === 1
}

export async function updateGroups(
  tx: Transaction,
  id: string,
  synced: Pick<
    IdentityRow,
    'groups' | 'groupsState' | 'groupsSyncedAt' | 'tokensSealed' | 'admission'
  >,
): Promise<void> {
  const { identities } = tx.tables
  await tx.queries.update(identities).set(synced).where(eq(identities.id, id))
}
