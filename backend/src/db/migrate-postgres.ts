import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { readVersion } from '#config'
import type { PostgresConnection } from './postgres-connection.ts'
import { refuseNewer, refuseOther, type Applied } from './schema-version.ts'

const migrationsFolder = fileURLToPath(new URL('../../migrations/postgres', import.meta.url))

/** Names this application among the advisory locks of the database. */
export const hubLock = 7_205_961

const retryMs = 250
const waitMs = 10 * 60_000

/**
 * Brings the schema up to date in one transaction, which holds the lock: that of a session guards nothing behind a pooler.
 * Replicas that start together take turns. It keeps the table of drizzle's own migrator, and its rule: what is younger
 * than the last one that was applied is still to do.
 */
export async function migratePostgres({ run }: Pick<PostgresConnection, 'run'>): Promise<void> {
  const migrations = readMigrationFiles({ migrationsFolder })
  for (const deadline = performance.now() + waitMs; ; await delay(retryMs)) {
    await run('BEGIN')
    const [turn] = (await run(`SELECT pg_try_advisory_xact_lock(${hubLock}) AS mine`)) as {
      mine: boolean
    }[]
    if (turn?.mine === true) break
    await run('ROLLBACK')
    if (performance.now() > deadline) {
      throw new Error('another process has been migrating the database for ten minutes')
    }
  }
  try {
    const applied = await findApplied(run)
    refuseNewer(applied, migrations)
    const missing = migrations.filter(({ folderMillis }) => folderMillis > (applied?.at ?? 0))
    if (missing.length > 0) await prepareTable(run, applied)
    const version = readVersion()
    for (const { folderMillis, hash, sql } of missing) {
      // Written by drizzle-kit, which names the schema of references alone: tables are made in the first of search_path.
      for (const statement of sql) await run(statement.replaceAll('"public".', ''))
      await run(
        'INSERT INTO drizzle.__drizzle_migrations (hash, created_at, version) VALUES ($1, $2, $3)',
        [hash, folderMillis, version],
      )
    }
    await run('COMMIT')
  } catch (error) {
    await run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Throws SchemaMismatch for every other schema than this version's. Only reads. */
export async function checkPostgres({ run }: Pick<PostgresConnection, 'run'>): Promise<void> {
  refuseOther(await findApplied(run), readMigrationFiles({ migrationsFolder }))
}

async function prepareTable(
  run: PostgresConnection['run'],
  applied: Applied | null,
): Promise<void> {
  if (applied === null) {
    await run('CREATE SCHEMA IF NOT EXISTS drizzle')
    await run(
      'CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
    )
  }
  await run('ALTER TABLE drizzle.__drizzle_migrations ADD COLUMN IF NOT EXISTS version text')
}

/** Looked for before anything is made: a user who may not, or a database that takes no writes, need not. */
async function findApplied(run: PostgresConnection['run']): Promise<Applied | null> {
  const [table] = (await run(
    "SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS there",
  )) as { there: boolean }[]
  if (table?.there !== true) return null
  const [tables] = (await run("SELECT to_regclass('users') IS NOT NULL AS there")) as {
    there: boolean
  }[]
  if (tables?.there !== true) {
    throw new Error('its search_path leads to no tables of the hub: they are in another schema')
  }
  // Earlier versions made the table without the column.
  const [last] = (await run(
    "SELECT created_at::text AS at, to_jsonb(made)->>'version' AS version FROM drizzle.__drizzle_migrations made ORDER BY created_at DESC LIMIT 1",
  )) as { at: string; version: string | null }[]
  return last ? { at: Number(last.at), version: last.version } : null
}
