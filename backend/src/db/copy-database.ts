import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import { asc, getTableColumns, gt, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { postgresTables, type Tables } from './tables.ts'

/** Why nothing was copied, as a sentence. */
export class CopyRefused extends Error {}

export type CopiedTable = { table: string; rows: number }

const rowsAtOnce = 500

/** Who does what now: it means nothing to others, and a hub that looked at an empty database left rows there. */
const notCopied = new Set<keyof Tables>(['leases'])

/**
 * Copies every row but leases of an SQLite database to an empty PostgreSQL one: all or nothing, while nothing can write to the
 * source. Throws CopyRefused where the target holds anything.
 */
export async function copyDatabase(from: Database, to: Database): Promise<CopiedTable[]> {
  // The source's lock is held while the target is written: there is nobody else to wait for it.
  return from.transaction(() =>
    to.transaction(async (tx) => {
      const copied: CopiedTable[] = []
      for (const name of tablesInOrder()) {
        const target: PgTable = tx.tables[name]
        const { name: table, primaryKeys } = getTableConfig(target)
        if (primaryKeys.length > 0) throw new Error(`${table} has a key of several columns.`)
        if ((await tx.queries.$count(target)) > 0) {
          throw new CopyRefused(
            `The PostgreSQL database is not empty: its table "${table}" has rows. Name an empty database.`,
          )
        }
        copied.push({ table, rows: await copyTable(from, tx.queries, name) })
      }
      return copied
    }),
  )
}

/** Each table after those it refers to. */
function tablesInOrder(): Set<keyof Tables> {
  const names = Object.keys(postgresTables) as (keyof Tables)[]
  const ordered = new Set<keyof Tables>()
  const place = (name: keyof Tables) => {
    if (ordered.has(name)) return
    for (const key of getTableConfig(postgresTables[name]).foreignKeys) {
      const { foreignTable } = key.reference()
      place(names.find((other) => postgresTables[other] === foreignTable)!)
    }
    ordered.add(name)
  }
  for (const name of names) if (!notCopied.has(name)) place(name)
  return ordered
}

async function copyTable(
  from: Database,
  to: Parameters<Parameters<Database['transaction']>[0]>[0]['queries'],
  name: keyof Tables,
): Promise<number> {
  const source: PgTable = from.tables[name]
  const target: PgTable = postgresTables[name]
  const [key, column] = Object.entries(getTableColumns(source)).find(([, { primary }]) => primary)!
  let rows = 0
  for (let last: unknown = null; ;) {
    const some = await from.read
      .select()
      .from(source)
      .where(last === null ? undefined : gt(column, last))
      .orderBy(asc(column))
      .limit(rowsAtOnce)
    if (some.length > 0) await to.insert(target).values(some)
    rows += some.length
    last = some.at(-1)?.[key] ?? null
    if (some.length < rowsAtOnce) break
  }
  const { name: table } = getTableConfig(target)
  if (key === 'seq' && rows > 0) {
    // Rows came with their numbers; the next one continues from there.
    await to
      .select({
        next: sql`setval(pg_get_serial_sequence(${table}, 'seq'), (SELECT max(seq) FROM ${target}))`,
      })
      .from(sql`(SELECT 1) AS one`)
  }
  const there = await to.$count(target)
  if (there !== rows) throw new Error(`${table}: ${rows} rows were read and ${there} arrived.`)
  return rows
}
