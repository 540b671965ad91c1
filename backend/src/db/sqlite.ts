import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import BetterSqlite from 'better-sqlite3'
import { collectChanges, followChanges, insertChanges } from './changes.ts'
import type { Database } from './database.ts'
import { usualPatience, type Patience } from './patience.ts'
import { keepFilePrivate } from './keep-file-private.ts'
import { checkSqlite, migrateSqlite } from './migrate-sqlite.ts'
import { createProof } from './prove-write.ts'
import { asTransactionFault } from './fault.ts'
import { createSqliteQueries } from './sqlite-queries.ts'
import { sqliteTables } from './tables.ts'
import { createTurns } from './turns.ts'

const openingMs = 60_000

/**
 * Opens the file, creating it and its folder, and brings it up to date.
 * One connection writes, behind a queue, because drizzle's own transaction cannot span an await on this driver; a
 * second, read-only one serves reads, which never see half a change (WAL).
 */
export function openSqlite(
  path: string,
  { queueMs }: Pick<Patience, 'queueMs'> = usualPatience,
): Database {
  const file = resolve(path)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error('it is a folder; name a file in it')
  }
  keepFilePrivate(file)
  // Another process may be migrating it.
  const writer = new BetterSqlite(file, { timeout: openingMs })
  checkSqlite(writer, 'not-newer')
  turnOnWriteAheadLog(writer)
  writer.pragma('synchronous = NORMAL')
  writer.pragma('foreign_keys = ON')
  migrateSqlite(writer)
  writer.pragma('busy_timeout = 0')
  const reader = new BetterSqlite(file, { readonly: true, timeout: 5000 })
  const identity = findIdentity(file)

  const queries = createSqliteQueries(writer)
  const turns = createTurns({ waitMs: queueMs, waitersMax: 1_000 })
  const readerQueries = createSqliteQueries(reader)
  const feed = followChanges(readerQueries, sqliteTables)

  const transaction: Database['transaction'] = async (work) => {
    const run = turns.take(async (deadline) => {
      const effects: (() => void)[] = []
      const endings: (() => Promise<void>)[] = []
      const collected = collectChanges()
      const afterCommit = (effect: () => void) => void effects.push(effect)
      try {
        await begin(writer, deadline)
        refuseMoved(file, identity)
        const result = await work({
          dialect: 'sqlite',
          queries,
          read: queries,
          tables: sqliteTables,
          beforeCommit: (ending) => void endings.push(ending),
          afterCommit,
          announce: collected.announce,
          // BEGIN IMMEDIATE lets one transaction write at a time.
          lock: async () => {},
        })
        for (const end of endings) await end()
        const changes = await insertChanges(queries, sqliteTables, collected.all())
        if (changes.length > 0) afterCommit(() => feed.tell(changes))
        writer.exec('COMMIT')
        for (const effect of effects) effect()
        return result
      } catch (error) {
        if (writer.inTransaction) writer.exec('ROLLBACK')
        throw error
      }
    })
    return run.catch((error: unknown) => {
      throw asTransactionFault(error)
    })
  }

  return {
    dialect: 'sqlite',
    tables: sqliteTables,
    read: readerQueries,
    transaction,
    ping: createProof({
      tables: sqliteTables,
      transaction,
      read: async () => void reader.prepare('SELECT 1').get(),
    }),
    onChange: feed.subscribe,
    heardAt: feed.heardAt,
    async close() {
      await feed.close()
      await turns.end()
      reader.close()
      writer.close()
    },
  }
}

/** Where another process is about to as well, SQLite refuses at once, whatever the time-out: each would wait for the other. */
function turnOnWriteAheadLog(writer: BetterSqlite.Database): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (const deadline = performance.now() + openingMs; ; Atomics.wait(pause, 0, 0, 20)) {
    try {
      return void writer.pragma('journal_mode = WAL')
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof BetterSqlite.SqliteError && error.code === 'SQLITE_BUSY'
}

/** With a write-ahead log SQLite itself goes on writing to a file that nobody finds again. */
function refuseMoved(file: string, identity: string | null): void {
  if (findIdentity(file) === identity) return
  throw new BetterSqlite.SqliteError(`${file} was moved`, 'SQLITE_READONLY_DBMOVED')
}

/** Null where nothing is there. */
function findIdentity(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev} ${stat.ino}` : null
}

/** Takes the write lock. The driver would wait for it too, but with it everything else that this process does. */
async function begin(writer: BetterSqlite.Database, deadline: number): Promise<void> {
  for (;;) {
    try {
      writer.exec('BEGIN IMMEDIATE')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
    }
    await delay(1 + Math.random() * 10)
  }
}
