import { spawnSync } from 'node:child_process'
import postgres from 'postgres'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#errors'
import { databases, type EmptyDatabase } from '../../test/databases.ts'
import { startPgbouncer } from '../../test/pgbouncer.ts'
import { openDatabase, type Database } from './index.ts'

const program = findProgram()

const ignored =
  'ignore_startup_parameters = statement_timeout,lock_timeout,idle_in_transaction_session_timeout'

describe.skipIf(program === null).each([
  ['session pooling', ['pool_mode = session', 'default_pool_size = 30']],
  ['transaction pooling', ['pool_mode = transaction']],
  ['transaction pooling that drops settings', ['pool_mode = transaction', ignored]],
])('PgBouncer with %s', (_, lines) => {
  let empty: EmptyDatabase
  let bouncer: Awaited<ReturnType<typeof startPgbouncer>>
  const opened: Database[] = []

  beforeEach(async () => {
    empty = await databases[1].create()
    bouncer = await startPgbouncer({ program: program!, url: empty.url, lines })
  })
  afterEach(async () => {
    for (const db of opened.splice(0)) await db.close()
    await bouncer.stop()
    await empty.dispose()
  })

  const open = async (directUrl?: string) => {
    const db = await openDatabase({
      driver: 'postgres',
      url: bouncer.url,
      ...(directUrl && { directUrl }),
    })
    opened.push(db)
    return db
  }
  const insert = (db: Database, idHash: string) =>
    db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.consumedLogins).values({ idHash, expiresAt: new Date() })
      await tx.announce({ topic: 'user', subject: idHash })
    })

  /** All insert at once: whoever finds no free connection in time asks again, as people do. */
  const insertAtLast = async (db: Database, idHash: string): Promise<void> => {
    for (let again = 0; ; again += 1) {
      try {
        return await insert(db, idHash)
      } catch (error) {
        if (again === 10 || !(error instanceof AppError) || error.code !== 'unavailable')
          throw error
      }
    }
  }

  test('H33: replicas that start at once migrate once, read, write, and hear of one another', async () => {
    const [one, other] = await Promise.all([open(), open(), open()])
    const direct = postgres(empty.url, { max: 1, onnotice: () => undefined })
    const [migrations] = await direct`
      SELECT count(*)::int AS all, count(DISTINCT hash)::int AS different
      FROM drizzle.__drizzle_migrations`
    await direct.end()
    expect(migrations!['all']).toBeGreaterThan(0)
    expect(migrations!['all']).toBe(migrations!['different'])

    const heard = new Set<string>()
    other.onChange(({ subject }) => heard.add(subject))
    await Promise.all(Array.from({ length: 60 }, (__, at) => insertAtLast(one, `row-${at}`)))
    expect(await other.read.$count(other.tables.consumedLogins)).toBe(60)
    await expect.poll(() => heard.has('row-59'), { timeout: 20_000 }).toBe(true)
    await one.ping()
  })

  test('H33: a transaction has the patience of the hub, and locks out others', async () => {
    const [one, other] = await Promise.all([open(), open()])
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const order: string[] = []
    const holder = one.transaction(async (tx) => {
      await tx.lock('administrators')
      hold()
      await released
      order.push('holder')
    })
    await held
    const waiting = other.transaction(async (tx) => {
      await tx.lock('administrators')
      order.push('waiter')
    })
    await insert(one, 'meanwhile')
    release()
    await Promise.all([holder, waiting])
    expect(order).toEqual(['holder', 'waiter'])

    const { promise: stays, resolve: leave } = Promise.withResolvers<void>()
    const { promise: taken, resolve: take } = Promise.withResolvers<void>()
    const staying = one.transaction(async (tx) => {
      await tx.lock('groups')
      take()
      await stays
    })
    await taken
    // The server gives up, so that the hub knows that nothing was done.
    const failure = await other
      .transaction((tx) => tx.lock('groups'))
      .catch((error: unknown) => error)
    leave()
    await staying
    expect(failure).toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('busy, and nothing was changed') as string,
    })
  }, 60_000)

  test('H33: by DATABASE_DIRECT_URL notices are heard past it', async () => {
    const db = await open(empty.url)
    const direct = postgres(empty.url, { max: 1, onnotice: () => undefined })
    const listening = async () => {
      const rows = await direct`
        SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND query ILIKE 'listen %'`
      return rows.length
    }
    await expect.poll(listening, { timeout: 20_000 }).toBe(1)
    await direct.end()
    await insert(db, 'heard')
  }, 60_000)
})

function findProgram(): string | null {
  const given = process.env['PGBOUNCER']
  if (given) return given
  return spawnSync('pgbouncer', ['--version']).error ? null : 'pgbouncer'
}

test.runIf(program === null)('without PgBouncer its suite is skipped, except in CI', () => {
  // To have it: export PGBOUNCER="$(.ci/counterparts/pgbouncer)"
  expect(process.env['CI'] ?? '').toBe('')
})
