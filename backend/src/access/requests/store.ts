import { and, asc, desc, eq, gt, lt, ne, or } from 'drizzle-orm'
import type { Database, Reader, Tables, Transaction } from '#db'
import { findProfiles, type Profile } from '#people'

export type RequestRow = Tables['accessRequests']['$inferSelect']

/** A request with whether the grant that it became is still there. */
export type FoundRequest = { request: RequestRow; hasGrant: boolean }

export type RequestOfUser = FoundRequest & Profile

/** Where a page ended: when its last row was made or decided, and its id. */
export type RequestPosition = { at: Date; id: string }

export async function insertRequest(tx: Transaction, row: RequestRow): Promise<void> {
  await tx.queries.insert(tx.tables.accessRequests).values(row)
}

export async function findWaitingOf(tx: Transaction, userId: string): Promise<RequestRow[]> {
  const { accessRequests } = tx.tables
  return tx.queries
    .select()
    .from(accessRequests)
    .where(and(eq(accessRequests.userId, userId), eq(accessRequests.state, 'waiting')))
}

/** A person's requests, the latest first. */
export async function findRequestsOf(
  db: Database,
  userId: string,
  limit: number,
): Promise<FoundRequest[]> {
  const { accessRequests } = db.tables
  const rows = await joined(db)
    .where(eq(accessRequests.userId, userId))
    .orderBy(desc(accessRequests.createdAt), desc(accessRequests.id))
    .limit(limit)
  return rows.map(({ grantId, request }) => ({ request, hasGrant: grantId !== null }))
}

export async function findRequest(reader: Reader, id: string): Promise<RequestOfUser | null> {
  const { accessRequests } = reader.tables
  const rows = await joined(reader).where(eq(accessRequests.id, id))
  return (await withPeople(reader, rows))[0] ?? null
}

/** Those that wait, oldest first; those decided, the latest first. */
export async function findRequestPage(
  db: Database,
  {
    after,
    limit,
    status,
  }: {
    status: 'waiting' | 'decided'
    after: RequestPosition | null
    limit: number
  },
): Promise<{ rows: RequestOfUser[]; total: number; waiting: number; hasMore: boolean }> {
  const { accessRequests: table } = db.tables
  const isWaiting = eq(table.state, 'waiting')
  const isWanted = status === 'waiting' ? isWaiting : ne(table.state, 'waiting')
  const [at, beyond, order] =
    status === 'waiting' ? [table.createdAt, gt, asc] : [table.decidedAt, lt, desc]
  const isAfter =
    after === null
      ? undefined
      : or(beyond(at, after.at), and(eq(at, after.at), beyond(table.id, after.id)))
  const [rows, total, waiting] = await Promise.all([
    joined(db)
      .where(and(isWanted, isAfter))
      .orderBy(order(at), order(table.id))
      .limit(limit + 1),
    db.read.$count(table, isWanted),
    db.read.$count(table, isWaiting),
  ])
  return {
    rows: await withPeople(db, rows.slice(0, limit)),
    total,
    waiting,
    hasMore: rows.length > limit,
  }
}

function joined({ read, tables: { accessRequests, grants } }: Reader) {
  return read
    .select({ request: accessRequests, grantId: grants.id })
    .from(accessRequests)
    .leftJoin(grants, eq(grants.id, accessRequests.grantId))
}

async function withPeople(
  reader: Reader,
  rows: Awaited<ReturnType<typeof joined>>,
): Promise<RequestOfUser[]> {
  const profiles = await findProfiles(
    reader,
    rows.map(({ request }) => request.userId),
  )
  return rows.flatMap(({ grantId, request }) => {
    const profile = profiles.get(request.userId)
    return profile ? [{ request, hasGrant: grantId !== null, ...profile }] : []
  })
}

/** False, with nothing written, where it does not wait any more: somebody else was first. */
export async function decideRequest(
  tx: Transaction,
  id: string,
  decision: Pick<RequestRow, 'state' | 'decidedAt' | 'decidedBy'> & Partial<RequestRow>,
): Promise<boolean> {
  const { accessRequests } = tx.tables
  const rows = await tx.queries
    .update(accessRequests)
    .set(decision)
    .where(and(eq(accessRequests.id, id), eq(accessRequests.state, 'waiting')))
    .returning({ id: accessRequests.id })
  return rows.length === 1
}

/** Of who was joined with another person. */
export async function moveRequests(tx: Transaction, from: string, to: string): Promise<void> {
  const { accessRequests } = tx.tables
  await tx.queries.update(accessRequests).set({ userId: to }).where(eq(accessRequests.userId, from))
}

/** The grant that a request became was taken back before its end. */
export async function endRequestOfGrant(tx: Transaction, grantId: string, at: Date): Promise<void> {
  const { accessRequests } = tx.tables
  await tx.queries
    .update(accessRequests)
    .set({ endsAt: at })
    .where(and(eq(accessRequests.grantId, grantId), gt(accessRequests.endsAt, at)))
}
