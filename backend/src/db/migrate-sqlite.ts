import { fileURLToPath } from 'node:url'
import type BetterSqlite from 'better-sqlite3'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { readVersion } from '#config'
import { refuseNewer, refuseOther, type Applied } from './schema-version.ts'

const migrationsFolder = fileURLToPath(new URL('../../migrations/sqlite', import.meta.url))

/**
 * Drizzle's own migrator looks before it locks, so that processes that start together would both begin. This one keeps
 * its table, and its rule: what is younger than the last one that was applied is still to do. Throws SchemaMismatch.
 */
export function migrateSqlite(writer: BetterSqlite.Database): void {
  const migrations = readMigrationFiles({ migrationsFolder })
  const run = writer.transaction(() => {
    const applied = findApplied(writer)
    refuseNewer(applied, migrations)
    const missing = migrations.filter(({ folderMillis }) => folderMillis > (applied?.at ?? 0))
    if (missing.length === 0) return
    writer.exec(
      'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    )
    if (!findColumns(writer).includes('version')) {
      writer.exec('ALTER TABLE __drizzle_migrations ADD COLUMN version text')
    }
    const note = writer.prepare(
      'INSERT INTO __drizzle_migrations (hash, created_at, version) VALUES (?, ?, ?)',
    )
    const version = readVersion()
    for (const { folderMillis, hash, sql } of missing) {
      for (const statement of sql) writer.exec(statement)
      note.run(hash, folderMillis, version)
    }
  })
  run.immediate()
}

/** Throws SchemaMismatch before anything is written to what a newer version made, or to any other schema than this version's. */
export function checkSqlite(client: BetterSqlite.Database, expected: 'not-newer' | 'same'): void {
  const refuse = expected === 'same' ? refuseOther : refuseNewer
  refuse(findApplied(client), readMigrationFiles({ migrationsFolder }))
}

function findApplied(client: BetterSqlite.Database): Applied | null {
  const columns = findColumns(client)
  if (columns.length === 0) return null
  const version = columns.includes('version') ? 'version' : 'NULL'
  const row = client
    .prepare<[], Applied>(
      `SELECT created_at AS at, ${version} AS version FROM __drizzle_migrations ORDER BY created_at DESC LIMIT 1`,
    )
    .get()
  return row ?? null
}

function findColumns(client: BetterSqlite.Database): string[] {
  return client
    .prepare<[], string>("SELECT name FROM pragma_table_info('__drizzle_migrations')")
    .pluck()
    .all()
}
