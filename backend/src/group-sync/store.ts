import { and, asc, eq, isNotNull, isNull, lte, or } from 'drizzle-orm'
import type { Database, Transaction } from '#db'
import { identityColumns, indexGroups, type CheckedIdentity, type IdentityRow } from '#people'

/** What a look-up begins with; the groups themselves can be a hundred kilobytes. */
export type DueIdentity = Pick<IdentityRow, 'tokensSealed' | 'lastSignInAt' | 'isAsking'> &
  CheckedIdentity

function isDue({ identities }: Database['tables'], before: Date) {
  return and(
    or(isNull(identities.groupsAskedAt), lte(identities.groupsAskedAt, before)),
    or(isNotNull(identities.tokensSealed), isNotNull(identities.groups)),
  )
}

/** Those of enabled people that may give something by their groups, and were last asked for before that time. */
export async function findDueIdentities(
  db: Database,
  before: Date,
  limit: number,
): Promise<string[]> {
  const { identities, users } = db.tables
  const rows = await db.read
    .select({ id: identities.id })
    .from(identities)
    .innerJoin(users, eq(users.id, identities.userId))
    .where(and(isDue(db.tables, before), isNull(users.disabledAt)))
    .orderBy(asc(identities.groupsAskedAt), asc(identities.id))
    .limit(limit)
  return rows.map(({ id }) => id)
}

/**
 * What to ask with, as it is now: a token that was read before may be another since. Null where another replica was first,
 * or the person signed in meanwhile. `isAsking` says of what is given back whether somebody had set out before and nothing
 * came of it.
 */
export async function claimIdentity(
  tx: Transaction,
  id: string,
  before: Date,
  now: Date,
): Promise<DueIdentity | null> {
  const { identities } = tx.tables
  const key = and(eq(identities.id, id), isDue(tx.tables, before))
  const { isAsking, lastSignInAt, tokensSealed } = identities
  const [found] = await tx.queries
    .select({ ...identityColumns(tx.tables), isAsking, lastSignInAt, tokensSealed })
    .from(identities)
    .where(key)
  if (!found) return null
  const sealed = found.tokensSealed
  const rows = await tx.queries
    .update(identities)
    .set({ groupsAskedAt: now, isAsking: true })
    .where(
      and(
        key,
        eq(isAsking, found.isAsking),
        sealed === null ? isNull(tokensSealed) : eq(tokensSealed, sealed),
      ),
    )
    .returning({ id: identities.id })
  return rows.length === 1 ? found : null
}

export async function updateGroups(
  tx: Transaction,
  { id, userId }: Pick<IdentityRow, 'id' | 'userId'>,
  synced: Partial<
    Pick<
      IdentityRow,
      | 'groups'
      | 'groupsState'
      | 'groupsSyncedAt'
      | 'groupsDropped'
      | 'isAsking'
      | 'tokensSealed'
      | 'admission'
      | 'withdrawnAt'
      | 'withdrawnReason'
    >
  >,
): Promise<void> {
  const { identities } = tx.tables
  await indexGroups(tx, [userId], () =>
    tx.queries.update(identities).set(synced).where(eq(identities.id, id)),
  )
}

/** Of these identities, those that something is kept of. */
export async function findKeptTokens(
  db: Database,
  of: { id: string } | { issuer: string; subject: string | null; providerSessionId: string | null },
): Promise<{ id: string; tokensSealed: string }[]> {
  const { identities, sessions } = db.tables
  const { id, tokensSealed } = identities
  if ('id' in of) {
    const rows = await db.read.select({ id, tokensSealed }).from(identities).where(eq(id, of.id))
    return rows.flatMap((row) => keptOf(row))
  }
  const { issuer, providerSessionId, subject } = of
  const rows = await db.read
    .selectDistinct({ id, tokensSealed })
    .from(identities)
    .leftJoin(sessions, eq(sessions.identityId, id))
    .where(
      and(
        eq(identities.issuer, issuer),
        subject === null
          ? eq(sessions.providerSessionId, providerSessionId ?? '')
          : eq(identities.subject, subject),
      ),
    )
  return rows.flatMap((row) => keptOf(row))
}

function keptOf({ id, tokensSealed }: { id: string; tokensSealed: string | null }) {
  return tokensSealed === null ? [] : [{ id, tokensSealed }]
}

/** Unless they are others since. */
export async function forgetTokens(
  tx: Transaction,
  kept: { id: string; tokensSealed: string },
): Promise<void> {
  const { identities } = tx.tables
  await tx.queries
    .update(identities)
    .set({ tokensSealed: null })
    .where(and(eq(identities.id, kept.id), eq(identities.tokensSealed, kept.tokensSealed)))
}
