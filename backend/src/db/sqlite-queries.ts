import { setImmediate } from 'node:timers/promises'
import type BetterSqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/sqlite-proxy'
import type { Queries } from './database.ts'

/** How long statements that follow one another may keep everything else waiting. */
const turnMs = 4
const statementsMax = 200

/**
 * Runs queries on a connection of this thread. A statement holds the event loop while it runs; statements that follow one
 * another let others have their turn in between, also where nothing else would: their results are there at once.
 */
export function createSqliteQueries(client: BetterSqlite.Database): Queries {
  const prepare = keepStatements(client)
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
    const statement = prepare(sql)
    if (!statement.reader) {
      statement.run(...params)
      return { rows: [] }
    }
    return { rows: statement.all(...params) }
  })
  return asQueries(queries)
}

type Statement = BetterSqlite.Statement<unknown[], unknown[]>

/** Prepares what is asked again and again once. Texts that hold a list of values differ by its length, so few are kept. */
function keepStatements(client: BetterSqlite.Database): (sql: string) => Statement {
  const kept = new Map<string, Statement>()
  return (sql) => {
    const known = kept.get(sql)
    if (known !== undefined) {
      kept.delete(sql)
      kept.set(sql, known)
      return known
    }
    const statement = client.prepare<unknown[], unknown[]>(sql)
    if (statement.reader) statement.raw(true)
    kept.set(sql, statement)
    if (kept.size > statementsMax) kept.delete(kept.keys().next().value!)
    return statement
  }
}

// Both builders share the methods of Queries and are awaited alike; schema.test.ts and the store tests run on both.
function asQueries(queries: unknown): Queries {
  return queries as Queries
}
