import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '#db'

/** What a request changes by being one: who came last, and when. */
const touched = new Set(['lastSeenAt', 'lastUsedAt'])

/** What the hub writes without being asked. */
const ownTables = new Set([
  'auditLog',
  'deploymentRevisions',
  'leases',
  'usageHours',
  'usageWindows',
])

/** Every row of every table but those that the hub writes of itself, without what each request touches; equal where nothing changed. */
export async function readContents(db: Database): Promise<Record<string, string[]>> {
  const contents: Record<string, string[]> = {}
  for (const [name, table] of Object.entries(db.tables) as [string, PgTable][]) {
    if (ownTables.has(name)) continue
    const columns = Object.keys(getTableColumns(table)).filter((column) => !touched.has(column))
    const rows = (await db.read.select().from(table)) as Record<string, unknown>[]
    contents[name] = rows
      .map((row) => JSON.stringify(columns.map((column) => row[column])))
      .toSorted((a, b) => (a < b ? -1 : 1))
  }
  return contents
}
