import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  max,
  min,
  ne,
  or,
  sql,
} from 'drizzle-orm'
import type { AgentCall, AuditFilter } from '@hub/shared'
import { containsText, type Database, type Reader, type Transaction } from '#db'
import { chainStart } from './chain.ts'
import type { AttemptRow, AuditCheckpoint, AuditRow } from './rows.ts'

export async function insertAttempt(tx: Transaction, row: AttemptRow): Promise<void> {
  await tx.queries.insert(tx.tables.auditAttempts).values(row)
}

/** False where it was ended already. */
export async function deleteAttempt(tx: Transaction, id: string): Promise<boolean> {
  const { auditAttempts } = tx.tables
  const rows = await tx.queries
    .delete(auditAttempts)
    .where(eq(auditAttempts.id, id))
    .returning({ id: auditAttempts.id })
  return rows.length > 0
}

/** False where it was ended already. */
export async function setAttemptUnknown(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const { auditAttempts } = tx.tables
  const rows = await tx.queries
    .update(auditAttempts)
    .set({ unknownAt: at })
    .where(and(eq(auditAttempts.id, id), isNull(auditAttempts.unknownAt)))
    .returning({ id: auditAttempts.id })
  return rows.length > 0
}

/** Attempts of these actions of which nothing is known since that time, or that are known to be unknown. */
export async function findOpenAttempts(
  db: Database,
  options: { actions: readonly string[]; before: Date; after: string; limit: number },
): Promise<AttemptRow[]> {
  const { auditAttempts } = db.tables
  return db.read
    .select()
    .from(auditAttempts)
    .where(
      and(
        inArray(auditAttempts.action, [...options.actions]),
        or(isNotNull(auditAttempts.unknownAt), lt(auditAttempts.occurredAt, options.before)),
        gt(auditAttempts.id, options.after),
      ),
    )
    .orderBy(asc(auditAttempts.id))
    .limit(options.limit)
}

export async function insertAuditRow(tx: Transaction, row: AuditRow): Promise<void> {
  await tx.queries.insert(tx.tables.auditLog).values(row)
}

/** What the next row follows on. The caller holds the chain's lock. */
export async function findLastLink(tx: Transaction): Promise<{ seq: number; hash: string }> {
  const { auditLog } = tx.tables
  const links = tx.queries.select({ seq: auditLog.seq, hash: auditLog.hash }).from(auditLog)
  const [last] = await links.orderBy(desc(auditLog.seq)).limit(1)
  if (last?.hash) return { seq: last.seq, hash: last.hash }
  if (last) {
    const chained = await tx.queries
      .select({ hash: auditLog.hash })
      .from(auditLog)
      .where(isNotNull(auditLog.hash))
      .orderBy(desc(auditLog.seq))
      .limit(1)
    if (chained[0]?.hash) return { seq: last.seq, hash: chained[0].hash }
  }
  const checkpoint = await findCheckpoint(tx)
  return { seq: last?.seq ?? checkpoint?.seq ?? 0, hash: checkpoint?.hash ?? chainStart }
}

export async function findLastOfAction(tx: Transaction, action: string): Promise<AuditRow | null> {
  const { auditLog } = tx.tables
  const rows = await tx.queries
    .select()
    .from(auditLog)
    .where(eq(auditLog.action, action))
    .orderBy(desc(auditLog.seq))
    .limit(1)
  return rows[0] ?? null
}

/** Where the kept part begins; null while nothing was removed. */
export async function findCheckpoint(reader: Reader): Promise<AuditCheckpoint | null> {
  const { auditCheckpoints } = reader.tables
  const rows = await reader.read
    .select()
    .from(auditCheckpoints)
    .orderBy(desc(auditCheckpoints.seq))
    .limit(1)
  return rows[0] ?? null
}

/** The newest rows first. */
export async function selectAuditRows(db: Database, limit: number): Promise<AuditRow[]> {
  const { auditLog } = db.tables
  return db.read.select().from(auditLog).orderBy(desc(auditLog.seq)).limit(limit)
}

/** What came of what an agent did in somebody's name. */
export type AgentCallRow = DoneRow & Pick<AuditRow, 'reason'> & { via: AgentCall }

/** Of one person, newest first; it has an index of its own. */
export async function findAgentCalls(
  { read, tables: { auditLog } }: Database,
  { before, limit, userId }: { userId: string; before: number | null; limit: number },
): Promise<AgentCallRow[]> {
  const { action, actor, occurredAt, outcome, reason, requestId, seq, target, via } = auditLog
  const rows = await read
    .select({ action, actor, occurredAt, outcome, reason, requestId, seq, target, via })
    .from(auditLog)
    .where(
      and(
        eq(auditLog.userId, userId),
        isNotNull(via),
        ne(outcome, 'attempt'),
        before === null ? undefined : lt(seq, before),
      ),
    )
    .orderBy(desc(seq))
    .limit(limit)
  return rows.flatMap((row) => (row.via === null ? [] : [{ ...row, via: row.via }]))
}

/** What came of things done, as far as others may hear of it. */
export type DoneRow = Pick<
  AuditRow,
  'seq' | 'occurredAt' | 'actor' | 'action' | 'target' | 'outcome' | 'requestId'
>

/** The latest rows of these actions before one, newest first, that say what came of them; each action has an index. */
export async function findDone(
  { read, tables: { auditLog } }: Database,
  { actions, before, limit }: { actions: readonly string[]; before: number | null; limit: number },
): Promise<DoneRow[]> {
  const { action, actor, occurredAt, outcome, requestId, seq, target } = auditLog
  const found = await Promise.all(
    actions.map((each) =>
      read
        .select({ seq, occurredAt, actor, action, target, outcome, requestId })
        .from(auditLog)
        .where(
          and(
            eq(action, each),
            before === null ? undefined : lt(seq, before),
            inArray(outcome, ['success', 'failure', 'unknown']),
          ),
        )
        .orderBy(desc(seq))
        .limit(limit),
    ),
  )
  return found
    .flat()
    .toSorted((a, b) => b.seq - a.seq)
    .slice(0, limit)
}

/** Rows of a part of the log that match, in its order or against it. */
export async function findWithin(
  db: Reader,
  filter: AuditFilter,
  part: { above: number; below: number; order: 'oldest' | 'newest'; limit: number },
): Promise<AuditRow[]> {
  const { auditLog } = db.tables
  return db.read
    .select()
    .from(auditLog)
    .where(and(matches(db, filter), gt(auditLog.seq, part.above), lt(auditLog.seq, part.below)))
    .orderBy(part.order === 'oldest' ? asc(auditLog.seq) : desc(auditLog.seq))
    .limit(part.limit)
}

/** The first row of that time or later, and the last one before that time, by the clock of whoever wrote them. */
export async function findSeqAt(
  db: Reader,
  edge: { from: Date } | { to: Date },
): Promise<number | null> {
  const { auditLog } = db.tables
  const { occurredAt, seq } = auditLog
  const [isBeyond, order] =
    'from' in edge
      ? [gte(occurredAt, edge.from), asc(occurredAt)]
      : [lt(occurredAt, edge.to), desc(occurredAt)]
  const rows = await db.read.select({ seq }).from(auditLog).where(isBeyond).orderBy(order).limit(1)
  return rows[0]?.seq ?? null
}

export async function findFirstSeq(db: Reader): Promise<number> {
  const { auditLog } = db.tables
  const rows = await db.read.select({ seq: min(auditLog.seq) }).from(auditLog)
  return rows[0]?.seq ?? 0
}

export async function findOccurredAt(db: Reader, seq: number): Promise<Date | null> {
  const { auditLog } = db.tables
  const { occurredAt } = auditLog
  // Removed rows leave gaps at the beginning alone, older ones anywhere.
  const rows = await db.read
    .select({ occurredAt })
    .from(auditLog)
    .where(gte(auditLog.seq, seq))
    .orderBy(asc(auditLog.seq))
    .limit(1)
  return rows[0]?.occurredAt ?? null
}

export async function findLastSeq(db: Reader): Promise<number> {
  const { auditLog } = db.tables
  const rows = await db.read.select({ seq: max(auditLog.seq) }).from(auditLog)
  return rows[0]?.seq ?? 0
}

/** Both databases read `->>` alike. */
function matches({ tables: { auditLog } }: Reader, filter: AuditFilter) {
  const { action, actor, from, instance, outcome, q, requestId, to } = filter
  return and(
    actor === undefined ? undefined : eq(auditLog.actor, actor),
    action === undefined ? undefined : eq(auditLog.action, action),
    outcome === undefined ? undefined : eq(auditLog.outcome, outcome),
    requestId === undefined ? undefined : eq(auditLog.requestId, requestId),
    instance === undefined ? undefined : sql`${auditLog.target} ->> 'instance' = ${instance}`,
    from === undefined ? undefined : gte(auditLog.occurredAt, new Date(from)),
    to === undefined ? undefined : lt(auditLog.occurredAt, new Date(to)),
    q === undefined
      ? undefined
      : or(
          ...[
            auditLog.actor,
            auditLog.action,
            auditLog.target,
            auditLog.before,
            auditLog.after,
            auditLog.reason,
            auditLog.requestId,
            auditLog.ip,
            auditLog.clusterAuditId,
            auditLog.via,
          ].map((column) => containsText(sql`CAST(${column} AS text)`, q)),
        ),
  )
}

/**
 * The last of the oldest rows, at most `limit`, that are all from before that time, with the hash that the chain has
 * there; null where there is none.
 */
export async function findLastBefore(
  tx: Transaction,
  time: Date,
  limit: number,
): Promise<Pick<AuditRow, 'seq' | 'hash'> | null> {
  const { auditLog } = tx.tables
  const rows = await tx.queries
    .select({ seq: auditLog.seq, hash: auditLog.hash, occurredAt: auditLog.occurredAt })
    .from(auditLog)
    .orderBy(asc(auditLog.seq))
    .limit(limit)
  const kept = rows.findIndex(({ occurredAt }) => occurredAt >= time)
  const old = kept === -1 ? rows : rows.slice(0, kept)
  const last = old.at(-1)
  return last
    ? { seq: last.seq, hash: old.findLast((row) => row.hash !== null)?.hash ?? null }
    : null
}

/** How many rows a statement removes. */
const rowsRemovedAtOnce = 250

/** Removes the rows up to one and leaves that one as the checkpoint. Returns how many they were. */
export async function removeRowsUpTo(
  tx: Transaction,
  checkpoint: AuditCheckpoint,
): Promise<number> {
  const { auditCheckpoints, auditLog } = tx.tables
  const isOld = lte(auditLog.seq, checkpoint.seq)
  const rows = await tx.queries
    .select({ count: count(), first: min(auditLog.seq) })
    .from(auditLog)
    .where(isOld)
  for (let seq = rows[0]?.first ?? checkpoint.seq; seq <= checkpoint.seq;) {
    seq += rowsRemovedAtOnce
    await tx.queries.delete(auditLog).where(and(isOld, lt(auditLog.seq, seq)))
  }
  await tx.queries.delete(auditCheckpoints).where(lt(auditCheckpoints.seq, checkpoint.seq))
  await tx.queries.insert(auditCheckpoints).values(checkpoint)
  return rows[0]!.count
}
