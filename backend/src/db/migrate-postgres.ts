import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { PostgresConnection } from './postgres-connection.ts'

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
    const last = await findLast(run)
    if (last === null) {
      await run('CREATE SCHEMA IF NOT EXISTS drizzle')
      await run(
        'CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
      )
    }
    for (const { folderMillis, hash, sql } of migrations) {
      if (last !== null && folderMillis <= last) continue
      // Written by drizzle-kit, which names the schema of references alone: tables are made in the first of search_path.
      for (const statement of sql) await run(statement.replaceAll('"public".', ''))
      await run('INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)', [
        hash,
        folderMillis,
      ])
    }
    await run('COMMIT')
  } catch (error) {
    await run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Looked for before anything is made: a user who may not, or a database that takes no writes, need not. */
async function findLast(run: PostgresConnection['run']): Promise<number | null> {
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
  const [last] = (await run(
    'SELECT max(created_at)::text AS at FROM drizzle.__drizzle_migrations',
  )) as { at: string | null }[]
  return last?.at ? Number(last.at) : null
}
