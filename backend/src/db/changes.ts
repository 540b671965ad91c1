import { asc, gt, max, min } from 'drizzle-orm'
import {
  createChangeFeed,
  type Change,
  type ChangeFeed,
  type NumberedChange,
} from './change-feed.ts'
import type { Queries } from './database.ts'
import type { Tables } from './tables.ts'

/** How many rows a statement inserts at once: databases limit its parameters. */
const batch = 500

/**
 * Numbers what a transaction announces. The last thing that it does, while no other transaction does the same: so numbers
 * follow the commits, and whoever has read up to one has missed none.
 */
export async function insertChanges(
  queries: Pick<Queries, 'insert'>,
  { changes: table }: Tables,
  changes: readonly Change[],
): Promise<NumberedChange[]> {
  const occurredAt = new Date()
  const numbered: NumberedChange[] = []
  for (let start = 0; start < changes.length; start += batch) {
    const part = changes.slice(start, start + batch)
    const rows = await queries
      .insert(table)
      .values(part.map((change) => ({ ...change, occurredAt })))
      .returning()
    numbered.push(...(rows as NumberedChange[]))
  }
  return numbered
}

/** As many rows as are read at once; the feed asks until there are no more. */
const rowsReadAtOnce = 500

/** What a transaction announces, each once. */
export function collectChanges() {
  const changes = new Map<string, Change>()
  return {
    announce: async (change: Change) =>
      void changes.set(`${change.topic} ${change.subject}`, change),
    all: () => [...changes.values()],
  }
}

export function followChanges(read: Pick<Queries, 'select'>, { changes }: Tables): ChangeFeed {
  return createChangeFeed({
    read: async (seq) => {
      const rows = await read
        .select()
        .from(changes)
        .where(gt(changes.seq, seq))
        .orderBy(asc(changes.seq))
        .limit(rowsReadAtOnce)
      return rows as NumberedChange[]
    },
    last: async () => (await read.select({ seq: max(changes.seq) }).from(changes))[0]?.seq ?? 0,
    first: async () => (await read.select({ seq: min(changes.seq) }).from(changes))[0]?.seq ?? null,
  })
}
