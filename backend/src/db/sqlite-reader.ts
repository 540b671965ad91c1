import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import type { ReadOnlyDatabase } from './database.ts'
import { checkSqlite } from './migrate-sqlite.ts'
import { createSqliteQueries } from './sqlite-queries.ts'
import { sqliteTables } from './tables.ts'

/** Opens a file that is there for reading alone, also where nothing beside it can be written. Throws SchemaMismatch. */
export function openSqliteToRead(path: string): ReadOnlyDatabase {
  const file = resolve(path)
  const { client, dispose } = openHere(file) ?? openCopy(file)
  try {
    checkSqlite(client, 'same')
  } catch (error) {
    dispose()
    throw error
  }
  return {
    tables: sqliteTables,
    read: createSqliteQueries(client),
    close: async () => dispose(),
  }
}

type Opened = { client: BetterSqlite.Database; dispose: () => void }

/** Null where SQLite needs a `-shm` beside the file, as with a write-ahead log it does, and cannot make one. */
function openHere(file: string): Opened | null {
  const client = new BetterSqlite(file, { readonly: true, timeout: 5000 })
  try {
    client.prepare('SELECT count(*) FROM sqlite_schema').get()
    return { client, dispose: () => client.close() }
  } catch (error) {
    client.close()
    if (!isFolderReadOnly(error)) throw error
    return null
  }
}

function openCopy(file: string): Opened {
  const folder = mkdtempSync(join(tmpdir(), 'hub-read-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, 'hub.db')
    copyFileSync(file, copy)
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
    const client = new BetterSqlite(copy, { readonly: true })
    return {
      client,
      dispose: () => {
        client.close()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

function isFolderReadOnly(error: unknown): boolean {
  return (
    error instanceof BetterSqlite.SqliteError &&
    (error.code === 'SQLITE_READONLY_DIRECTORY' || error.code === 'SQLITE_CANTOPEN')
  )
}
