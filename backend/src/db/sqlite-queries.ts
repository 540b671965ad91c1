import { setImmediate } from 'node:timers/promises'
import type BetterSqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import type { Queries } from './database.ts'

/** How long statements that follow one another may keep everything else waiting. */
const turnMs = 4

/**
 * Runs queries on a connection of this thread. A statement holds the event loop while it runs; statements that follow one
 * another let others have their turn in between, also where nothing else would: their results are there at once.
 */
export function createSqliteQueries(client: BetterSqlite.Database): Queries {
  let turnStartedAt: number | null = null
  const breathe = async () => {
    const now = performance.now()
    if (turnStartedAt === null) {
      turnStartedAt = now
      void setImmediate().then(() => (turnStartedAt = null))
    } else if (now - turnStartedAt > turnMs) await setImmediate()
  }
  const queries = drizzle(async (sql, params) => {
    await breathe()
    const statement = client.prepare<unknown[], unknown[]>(sql)
    if (!statement.reader) {
      statement.run(...params)
      return { rows: [] }
    }
    return { rows: statement.raw(true).all(...params) }
  })
  return asQueries(queries)
}

// Both builders share the methods of Queries and are awaited alike; schema.test.ts and the store tests run on both.
function asQueries(queries: unknown): Queries {
  return queries as Queries
}
