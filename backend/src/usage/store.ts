import { and, eq, inArray, lte, sql } from 'drizzle-orm'
import { deleteOverdue, type Reader, type Tables, type Transaction } from '#db'

export type UsageRow = Tables['usageHours']['$inferSelect']

/** How many rows a statement writes: databases limit its parameters. */
const batch = 200

/** Adds to what is counted already, by this and by other replicas. */
export async function addUsage(tx: Transaction, rows: readonly UsageRow[]): Promise<void> {
  const { usageHours: table } = tx.tables
  const plus = (column: (typeof summed)[number]) =>
    sql`${table[column]} + ${sql.raw(`excluded.${table[column].name}`)}`
  // In one order, so that replicas wait for each other and never in a circle.
  const ordered = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (let from = 0; from < ordered.length; from += batch) {
    await tx.queries
      .insert(table)
      .values(ordered.slice(from, from + batch))
      .onConflictDoUpdate({
        target: table.id,
        set: Object.fromEntries(summed.map((column) => [column, plus(column)])),
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

/** Adds what was used, however much that makes. Answers the sum. */
export async function addToWindow(
  tx: Transaction,
  { endsAt, id }: WindowKey,
  used: number,
): Promise<number> {
  const { usageWindows: table } = tx.tables
  const [row] = await tx.queries
    .insert(table)
    .values({ id, used, endsAt })
    .onConflictDoUpdate({ target: table.id, set: { used: sql`${table.used} + ${used}` } })
    .returning({ used: table.used })
  return row?.used ?? used
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
