import { and, desc, eq, inArray, isNull, lt, lte, ne, or } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type SessionRow = Tables['sessions']['$inferSelect']

export async function insertSession(tx: Transaction, session: SessionRow): Promise<void> {
  await tx.queries.insert(tx.tables.sessions).values(session)
}

export async function findSessionRow(
  { read, tables: { sessions } }: Reader,
  id: string,
): Promise<SessionRow | null> {
  return (await read.select().from(sessions).where(eq(sessions.id, id)))[0] ?? null
}

/** Never back: of two requests the later one counts. */
export async function touchSession(tx: Transaction, id: string, lastSeenAt: Date): Promise<void> {
  const { sessions } = tx.tables
  await tx.queries
    .update(sessions)
    .set({ lastSeenAt })
    .where(and(eq(sessions.id, id), lt(sessions.lastSeenAt, lastSeenAt)))
}

/** Gives the session its next secret in place of `replaced`; false where another request was first. */
export async function renewSession(
  tx: Transaction,
  id: string,
  { next, replaced, shown }: { replaced: string; shown: string; next: string },
  now: Date,
): Promise<boolean> {
  const { sessions } = tx.tables
  const rows = await tx.queries
    .update(sessions)
    .set({ secretHash: next, previousSecretHash: shown, renewedAt: now, lastSeenAt: now })
    .where(
      and(
        eq(sessions.id, id),
        eq(sessions.secretHash, replaced),
        // What nobody had used may have been used since this was read.
        replaced === shown ? undefined : lte(sessions.lastSeenAt, sessions.renewedAt),
        isNull(sessions.revokedAt),
      ),
    )
    .returning({ id: sessions.id })
  return rows.length === 1
}

/** A person's sessions that were not revoked, the newest first. */
export async function findSessionRows(
  { read, tables: { sessions } }: Reader,
  userId: string,
): Promise<SessionRow[]> {
  return read
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .orderBy(desc(sessions.createdAt))
    .limit(500)
}

/** Whose sessions a provider calls so. */
export async function findIdentitiesOfProviderSession(
  { read, tables: { sessions } }: Reader,
  providerSessionId: string,
): Promise<string[]> {
  const rows = await read
    .selectDistinct({ id: sessions.identityId })
    .from(sessions)
    .where(eq(sessions.providerSessionId, providerSessionId))
  return rows.map(({ id }) => id)
}

/**
 * Which sessions: one, one of a person's, a person's but one, or those that came by identities, at the provider's session of
 * that name or, with `orUnnamed`, one that it never named: it may be that one.
 */
export type SessionSelector =
  | { id: string; userId?: string }
  | { userId: string; exceptId?: string }
  | { identityIds: readonly string[]; providerSession?: { id: string; orUnnamed: boolean } }

/** Ends them for every process once this is durable, and returns which they were. */
export async function endSessions(
  tx: Transaction,
  selector: SessionSelector,
  revokedAt: Date,
  revokeReason: string,
): Promise<string[]> {
  const { sessions } = tx.tables
  const ended = await tx.queries
    .update(sessions)
    .set({ revokedAt, revokeReason, idTokenSealed: null })
    .where(and(isNull(sessions.revokedAt), select(tx, selector)))
    .returning({ id: sessions.id })
  for (const { id } of ended) await tx.announce({ topic: 'session', subject: id })
  return ended.map(({ id }) => id)
}

function select(tx: Transaction, selector: SessionSelector) {
  const { sessions } = tx.tables
  if ('id' in selector) {
    const { id, userId } = selector
    return and(eq(sessions.id, id), userId === undefined ? undefined : eq(sessions.userId, userId))
  }
  if ('userId' in selector) {
    const { exceptId, userId } = selector
    const isOther = exceptId === undefined ? undefined : ne(sessions.id, exceptId)
    return and(eq(sessions.userId, userId), isOther)
  }
  const { identityIds, providerSession } = selector
  const isNamed =
    providerSession &&
    or(
      eq(sessions.providerSessionId, providerSession.id),
      providerSession.orUnnamed ? isNull(sessions.providerSessionId) : undefined,
    )
  return and(inArray(sessions.identityId, [...identityIds]), isNamed)
}

export async function deleteExpiredSessions(tx: Transaction, now: Date): Promise<void> {
  const { sessions: table } = tx.tables
  await deleteOverdue(tx, { table, key: table.id, at: table.expiresAt }, now)
}
