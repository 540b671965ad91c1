import { and, asc, desc, eq, gt, isNull, lt, or } from 'drizzle-orm'
import { deleteOverdue, type Database, type Reader, type Tables, type Transaction } from '#db'

export type ApiTokenRow = Tables['apiTokens']['$inferSelect']

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

export async function findToken(
  { read, tables: { apiTokens } }: Reader,
  id: string,
): Promise<ApiTokenRow | null> {
  return (await read.select().from(apiTokens).where(eq(apiTokens.id, id)))[0] ?? null
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

/** Ends all of a person's, and returns how many. Their person's end is what is announced. */
export async function endTokens(
  tx: Transaction,
  userId: string,
  revokedAt: Date,
  revokeReason: string,
): Promise<number> {
  const { apiTokens } = tx.tables
  const rows = await tx.queries
    .update(apiTokens)
    .set({ revokedAt, revokeReason })
    .where(and(eq(apiTokens.userId, userId), isNull(apiTokens.revokedAt)))
    .returning({ id: apiTokens.id })
  return rows.length
}

export async function deleteExpiredTokens(tx: Transaction, now: Date): Promise<void> {
  const { apiTokens: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.id, at: table.expiresAt }, now)
}

function isLive({ apiTokens }: Tables, userId: string, now: Date) {
  return and(
    eq(apiTokens.userId, userId),
    isNull(apiTokens.revokedAt),
    gt(apiTokens.expiresAt, now),
  )
}
