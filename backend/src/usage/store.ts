import type { UsageKey } from '@hub/shared'
import { and, type Column, desc, eq, gte, inArray, lt, lte, sql, sum, type SQL } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type UsageRow = Tables['usageHours']['$inferSelect']

/** How many rows a statement writes: to put together one of many keeps everybody waiting for as long as that takes. */
const batch = 20

/** Adds to what is counted already, by this and by other replicas. */
export async function addUsage(tx: Transaction, rows: readonly UsageRow[]): Promise<void> {
  const { usageHours: table } = tx.tables
  for (const some of inBatches(rows)) {
    await tx.queries
      .insert(table)
      .values(some)
      .onConflictDoUpdate({
        target: table.id,
        set: Object.fromEntries(summed.map((column) => [column, plusWritten(table[column])])),
      })
  }
}

const summed = [
  'requests',
  'errors',
  'promptTokens',
  'completionTokens',
  'firstByteMs',
  'firstBytes',
  'gpuSeconds',
] as const

export type WindowKey = { id: string; endsAt: Date }

/** How much is used of each; what nobody used yet is left out. */
export async function findUsed(
  { read, tables: { usageWindows } }: Reader,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const rows = await read
    .select({ id: usageWindows.id, used: usageWindows.used })
    .from(usageWindows)
    .where(inArray(usageWindows.id, [...ids]))
  return new Map(rows.map(({ id, used }) => [id, used]))
}

/** Takes all of it, or nothing where that would be more than the limit. */
export async function takeOfWindow(
  tx: Transaction,
  { endsAt, id }: WindowKey,
  { limit, share }: { limit: number; share: number },
): Promise<boolean> {
  if (share > limit) return false
  const { usageWindows: table } = tx.tables
  const rows = await tx.queries
    .insert(table)
    .values({ id, used: share, endsAt })
    .onConflictDoUpdate({
      target: table.id,
      set: { used: sql`${table.used} + ${share}` },
      setWhere: lte(table.used, limit - share),
    })
    .returning({ id: table.id })
  return rows.length > 0
}

/** Adds what was used of each, however much that makes. Answers the sums. */
export async function addToWindows(
  tx: Transaction,
  added: readonly (WindowKey & { used: number })[],
): Promise<Map<string, number>> {
  const { usageWindows: table } = tx.tables
  const used = new Map<string, number>()
  for (const rows of inBatches(added)) {
    const written = await tx.queries
      .insert(table)
      .values(rows)
      .onConflictDoUpdate({
        target: table.id,
        set: { used: plusWritten(table.used) },
      })
      .returning({ id: table.id, used: table.used })
    for (const row of written) used.set(row.id, row.used)
  }
  return used
}

/** What the row has, and what it would have had without it. */
function plusWritten(column: Column): SQL {
  return sql`${column} + ${sql.raw(`excluded.${column.name}`)}`
}

/** In one order, so that replicas wait for each other and never in a circle. */
function* inBatches<Row extends { id: string }>(rows: readonly Row[]) {
  const ordered = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (let from = 0; from < ordered.length; from += batch) yield ordered.slice(from, from + batch)
}

/** Sets it, where it is still what it was thought to be; null where there is none yet. */
export async function moveWindow(
  tx: Transaction,
  { endsAt, id }: WindowKey,
  { from, to }: { from: number | null; to: number },
): Promise<boolean> {
  const { usageWindows: table } = tx.tables
  const rows =
    from === null
      ? await tx.queries
          .insert(table)
          .values({ id, used: to, endsAt })
          .onConflictDoNothing()
          .returning({ id: table.id })
      : await tx.queries
          .update(table)
          .set({ used: to, endsAt })
          .where(and(eq(table.id, id), eq(table.used, from)))
          .returning({ id: table.id })
  return rows.length > 0
}

const usageKeptMs = 400 * 86_400_000

export async function deleteOldUsage(tx: Transaction, now: Date): Promise<void> {
  const { usageHours, usageWindows } = tx.tables
  const until = new Date(now.getTime() - usageKeptMs)
  await deleteOverdue(tx, { table: usageHours, key: usageHours.id, at: usageHours.hour }, until)
  await deleteOverdue(
    tx,
    { table: usageWindows, key: usageWindows.id, at: usageWindows.endsAt },
    now,
  )
}

export type UsageFilter = {
  from: Date
  to: Date
  /** Null for everybody's. */
  principals: readonly string[] | null
}

export type StoredSums = Pick<UsageRow, (typeof summed)[number]>

/** What it is summed by, as a text; empty for what has none. */
const keyOf = {
  caller: ({ principal }: Tables['usageHours']) => sql<string>`${principal}`,
  team: ({ team }: Tables['usageHours']) => sql<string>`coalesce(${team}, '')`,
  instance: ({ instance }: Tables['usageHours']) => sql<string>`${instance}`,
  namespace: ({ instance, namespace }: Tables['usageHours']) =>
    sql<string>`${instance} || '/' || coalesce(${namespace}, '')`,
  model: ({ model }: Tables['usageHours']) => sql<string>`coalesce(${model}, '')`,
} satisfies Record<UsageKey, (table: Tables['usageHours']) => SQL<string>>

/** By key, those with most requests first. */
export async function sumByKey(
  { read, tables: { usageHours: table } }: Reader,
  filter: UsageFilter,
  by: UsageKey,
): Promise<(StoredSums & { key: string })[]> {
  const key = keyOf[by](table)
  return read
    .select({ key, ...sums(table) })
    .from(table)
    .where(matches(table, filter))
    .groupBy(sql`1`)
    .orderBy(desc(sum(table.requests)), desc(sum(table.gpuSeconds)), sql`1`)
    .limit(keysMax)
}

/** More are not summed by: a hub has fewer people and models. */
const keysMax = 100_000

/** By key and hour or day, of these keys. `at` is the hour, or null with `day`. */
export async function sumByTime(
  { read, tables: { usageHours: table } }: Reader,
  filter: UsageFilter,
  { by, every, keys }: { by: UsageKey; every: 'hour' | 'day'; keys: readonly string[] },
): Promise<(StoredSums & { key: string; at: Date | string })[]> {
  if (keys.length === 0) return []
  const key = keyOf[by](table)
  const where = and(matches(table, filter), inArray(key, [...keys]))
  if (every === 'hour') {
    return read
      .select({ key, at: table.hour, ...sums(table) })
      .from(table)
      .where(where)
      .groupBy(sql`1`, table.hour)
  }
  return read
    .select({ key, at: table.day, ...sums(table) })
    .from(table)
    .where(where)
    .groupBy(sql`1`, table.day)
}

function matches(table: Tables['usageHours'], { from, principals, to }: UsageFilter) {
  return and(
    gte(table.hour, from),
    lt(table.hour, to),
    principals === null ? undefined : inArray(table.principal, [...principals]),
  )
}

function sums(table: Tables['usageHours']) {
  const of = (column: (typeof summed)[number]) => sql<number>`sum(${table[column]})`.mapWith(Number)
  return {
    requests: of('requests'),
    errors: of('errors'),
    promptTokens: of('promptTokens'),
    completionTokens: of('completionTokens'),
    firstByteMs: of('firstByteMs'),
    firstBytes: of('firstBytes'),
    gpuSeconds: of('gpuSeconds'),
  }
}
