import { and, asc, desc, eq, gt, isNull, lt, or } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'
import { identityColumns, type CheckedIdentity } from '#people'

export type ApiTokenRow = Tables['apiTokens']['$inferSelect']

export type TokenWithOwner = {
  token: ApiTokenRow
  user: Tables['users']['$inferSelect']
  /** The one that signed in last comes first. */
  identities: CheckedIdentity[]
}

export async function insertToken(tx: Transaction, token: ApiTokenRow): Promise<void> {
  await tx.queries.insert(tx.tables.apiTokens).values(token)
}

export async function countTokens(tx: Transaction, userId: string, now: Date): Promise<number> {
  return tx.queries.$count(tx.tables.apiTokens, isLive(tx.tables, userId, now))
}

/** Those that are good still, the newest first. */
export async function findTokens(db: Database, userId: string, now: Date): Promise<ApiTokenRow[]> {
  const { apiTokens } = db.tables
  return db.read
    .select()
    .from(apiTokens)
    .where(isLive(db.tables, userId, now))
    .orderBy(desc(apiTokens.createdAt), asc(apiTokens.id))
}

export async function findTokenWithOwner(db: Database, id: string): Promise<TokenWithOwner | null> {
  const { apiTokens, identities, users } = db.tables
  const rows = await db.read
    .select({ token: apiTokens, user: users, identity: identityColumns(db.tables) })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .innerJoin(identities, eq(identities.userId, users.id))
    .where(eq(apiTokens.id, id))
    .orderBy(desc(identities.lastSignInAt))
  const [first] = rows
  return first
    ? { token: first.token, user: first.user, identities: rows.map(({ identity }) => identity) }
    : null
}

export async function userExists(db: Database, userId: string): Promise<boolean> {
  const { users } = db.tables
  return (await db.read.$count(users, eq(users.id, userId))) > 0
}

/** The token as it was, or null where the user has no such live one. */
export async function revokeTokenRow(
  tx: Transaction,
  key: { id: string; userId: string },
  revokedAt: Date,
  revokeReason: string,
): Promise<ApiTokenRow | null> {
  const { apiTokens } = tx.tables
  const rows = await tx.queries
    .update(apiTokens)
    .set({ revokedAt, revokeReason })
    .where(and(isLive(tx.tables, key.userId, revokedAt), eq(apiTokens.id, key.id)))
    .returning()
  return rows[0] ?? null
}

export async function touchToken(tx: Transaction, id: string, now: Date, before: Date) {
  const { apiTokens } = tx.tables
  await tx.queries
    .update(apiTokens)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(apiTokens.id, id),
        // Another replica may have written it a moment ago.
        or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, before)),
      ),
    )
}

function isLive({ apiTokens }: Tables, userId: string, now: Date) {
  return and(
    eq(apiTokens.userId, userId),
    isNull(apiTokens.revokedAt),
    gt(apiTokens.expiresAt, now),
  )
}
