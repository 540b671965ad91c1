import { and, eq, isNull, lt } from 'drizzle-orm'
import type { Database, Tables, Transaction } from '#db'

export type SessionRow = Tables['sessions']['$inferSelect']

export type SessionWithUser = {
  session: SessionRow
  identity: Tables['identities']['$inferSelect']
  user: Tables['users']['$inferSelect']
}

export async function insertSession(tx: Transaction, session: SessionRow): Promise<void> {
  await tx.queries.insert(tx.tables.sessions).values(session)
}

export async function findSession(db: Database, id: string): Promise<SessionWithUser | undefined> {
  const { identities, sessions, users } = db.tables
  const rows = await db.read
    .select({ session: sessions, identity: identities, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(identities, eq(identities.id, sessions.identityId))
    .where(eq(sessions.id, id))
  return rows[0]
}

export async function touchSession(tx: Transaction, id: string, lastSeenAt: Date): Promise<void> {
  const { sessions } = tx.tables
  await tx.queries.update(sessions).set({ lastSeenAt }).where(eq(sessions.id, id))
}

export async function revokeSessionRow(
  tx: Transaction,
  id: string,
  revokedAt: Date,
  revokeReason: string,
): Promise<void> {
  const { sessions } = tx.tables
  await tx.queries
    .update(sessions)
    .set({ revokedAt, revokeReason })
    .where(and(eq(sessions.id, id), isNull(sessions.revokedAt)))
}

/** False where this login was consumed before, on whichever replica. */
export async function consumeLogin(
  tx: Transaction,
  idHash: string,
  expiresAt: Date,
): Promise<boolean> {
  const rows = await tx.queries
    .insert(tx.tables.consumedLogins)
    .values({ idHash, expiresAt })
    .onConflictDoNothing()
    .returning({ idHash: tx.tables.consumedLogins.idHash })
  return rows.length === 1
}

export async function deleteExpired(tx: Transaction, now: Date): Promise<void> {
  const { apiTokens, changes, consumedLogins, oneTimeCodes, sessions, usedLogoutTokens } = tx.tables
  const anHourAgo = new Date(now.getTime() - 3_600_000)
  await tx.queries.delete(consumedLogins).where(lt(consumedLogins.expiresAt, now))
  await tx.queries.delete(sessions).where(lt(sessions.expiresAt, now))
  await tx.queries.delete(apiTokens).where(lt(apiTokens.expiresAt, now))
  await tx.queries.delete(usedLogoutTokens).where(lt(usedLogoutTokens.expiresAt, now))
  await tx.queries.delete(oneTimeCodes).where(lt(oneTimeCodes.expiresAt, now))
  await tx.queries.delete(changes).where(lt(changes.occurredAt, anHourAgo))
}
