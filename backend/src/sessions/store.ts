import { and, desc, eq, inArray, isNull, lt, lte, ne, or } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'
import { identityColumns, type CheckedIdentity } from '#people'

export type SessionRow = Tables['sessions']['$inferSelect']

export type SessionWithUser = {
  session: SessionRow
  identity: CheckedIdentity
  user: Tables['users']['$inferSelect']
}

export async function insertSession(tx: Transaction, session: SessionRow): Promise<void> {
  await tx.queries.insert(tx.tables.sessions).values(session)
}

export async function findSession(db: Database, id: string): Promise<SessionWithUser | undefined> {
  const { identities, sessions, users } = db.tables
  const rows = await db.read
    .select({ session: sessions, identity: identityColumns(db.tables), user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(identities, eq(identities.id, sessions.identityId))
    .where(eq(sessions.id, id))
  return rows[0]
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

/** A person's sessions that were neither revoked nor are over, the newest first. */
export async function findSessionsOf(
  db: Pick<Database, 'read' | 'tables'>,
  userId: string,
): Promise<SessionWithUser[]> {
  const { identities, sessions, users } = db.tables
  return db.read
    .select({ session: sessions, identity: identityColumns(db.tables), user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(identities, eq(identities.id, sessions.identityId))
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .orderBy(desc(sessions.createdAt))
    .limit(500)
}

/** Which sessions: one, one of a person's, a person's but one, or those that a provider calls so. */
export type SessionSelector =
  | { id: string; userId?: string }
  | { userId: string; exceptId?: string }
  | { issuer: string; subject: string | null; providerSessionId: string | null }

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
  const { identities, sessions } = tx.tables
  if ('id' in selector) {
    const { id, userId } = selector
    return and(eq(sessions.id, id), userId === undefined ? undefined : eq(sessions.userId, userId))
  }
  if ('userId' in selector) {
    const { exceptId, userId } = selector
    const isOther = exceptId === undefined ? undefined : ne(sessions.id, exceptId)
    return and(eq(sessions.userId, userId), isOther)
  }
  const { issuer, providerSessionId, subject } = selector
  const ofIssuer = tx.queries
    .select({ id: identities.id })
    .from(identities)
    .where(
      and(
        eq(identities.issuer, issuer),
        subject === null ? undefined : eq(identities.subject, subject),
      ),
    )
  const isNamed =
    providerSessionId === null
      ? undefined
      : or(
          eq(sessions.providerSessionId, providerSessionId),
          // The provider never said which of its sessions this one comes from: it may be that one.
          subject === null ? undefined : isNull(sessions.providerSessionId),
        )
  return and(inArray(sessions.identityId, ofIssuer), isNamed)
}

/** How many rows a statement removes: nothing else is written meanwhile, nor, on SQLite, done. */
const removedAtOnce = 500

export async function deleteExpired(tx: Transaction, now: Date): Promise<void> {
  const { apiTokens, changes, consumedLogins, oneTimeCodes, sessions, usedLogoutTokens } = tx.tables
  const anHourAgo = new Date(now.getTime() - 3_600_000)
  const overdue = [
    { table: consumedLogins, key: consumedLogins.idHash, at: consumedLogins.expiresAt, until: now },
    { table: sessions, key: sessions.id, at: sessions.expiresAt, until: now },
    { table: apiTokens, key: apiTokens.id, at: apiTokens.expiresAt, until: now },
    {
      table: usedLogoutTokens,
      key: usedLogoutTokens.idHash,
      at: usedLogoutTokens.expiresAt,
      until: now,
    },
    { table: oneTimeCodes, key: oneTimeCodes.codeHash, at: oneTimeCodes.expiresAt, until: now },
    { table: changes, key: changes.seq, at: changes.occurredAt, until: anHourAgo },
  ]
  for (const { at, key, table, until } of overdue) {
    for (let removed = removedAtOnce; removed === removedAtOnce;) {
      const some = tx.queries.select({ key }).from(table).where(lt(at, until)).limit(removedAtOnce)
      removed = (await tx.queries.delete(table).where(inArray(key, some)).returning({ key })).length
    }
  }
}
