import { asc, gt, max, min } from 'drizzle-orm'
import {
  createChangeFeed,
  type Change,
  type ChangeFeed,
  type NumberedChange,
} from './change-feed.ts'
import type { Queries } from './database.ts'
import type { Tables } from './tables.ts'

export async function insertChange(
  queries: Pick<Queries, 'insert'>,
  { changes }: Tables,
  change: Change,
): Promise<NumberedChange> {
  const rows = await queries
    .insert(changes)
    .values({ ...change, occurredAt: new Date() })
    .returning({ seq: changes.seq })
  return { ...change, seq: rows[0]!.seq }
}

export function followChanges(read: Pick<Queries, 'select'>, { changes }: Tables): ChangeFeed {
  return createChangeFeed({
    read: async (seq) => {
      const rows = await read
        .select()
        .from(changes)
        .where(gt(changes.seq, seq))
        .orderBy(asc(changes.seq))
      return rows as NumberedChange[]
    },
    last: async () => (await read.select({ seq: max(changes.seq) }).from(changes))[0]?.seq ?? 0,
    first: async () => (await read.select({ seq: min(changes.seq) }).from(changes))[0]?.seq ?? null,
  })
}
