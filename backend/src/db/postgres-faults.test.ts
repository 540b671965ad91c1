import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startTcpGate, type TcpGate } from '../../test/tcp-gate.ts'
import { openDatabase, type Database } from './index.ts'

describe('a PostgreSQL that is slow, busy or away', () => {
  let database: TestDatabase
  let admin: postgres.Sql
  let gate: TcpGate
  const opened: Database[] = []

  beforeAll(async () => {
    database = await databases[1].open()
    admin = postgres(database.url, { max: 1, onnotice: () => undefined })
    const { hostname, port } = new URL(database.url)
    gate = await startTcpGate({ host: hostname, port: Number(port) })
  })
  afterEach(async () => {
    for (const db of opened.splice(0)) await db.close()
  })
  afterAll(async () => {
    await admin.end()
    await Promise.all([database.dispose(), gate.stop()])
  })

  /** Settings in `options` go to the server, over those of the hub. */
  const open = async (parameters: Record<string, string> = {}, port?: number) => {
    const url = new URL(database.url)
    if (port !== undefined) url.port = String(port)
    const settings = Object.entries(parameters).map(([name, value]) => `-c ${name}=${value}`)
    if (settings.length > 0) url.search = `options=${encodeURIComponent(settings.join(' '))}`
    const db = await openDatabase({ driver: 'postgres', url: url.href })
    opened.push(db)
    // Single changes are told from the feed's beginning on.
    await expect.poll(() => db.heardAt()).toBeGreaterThan(0)
    return db
  }
  const insert = (db: Database, idHash: string) =>
    db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.consumedLogins).values({ idHash, expiresAt: new Date() })
    })
  const names = async () => {
    const { db } = database
    const rows = await db.read.select().from(db.tables.consumedLogins)
    return rows.map(({ idHash }) => idHash)
  }
  /** How long `listener` takes to hear of ten changes made one after the other, the median. */
  const hearingMs = async (listener: Database) => {
    const times: number[] = []
    for (let round = 0; round < 10; round += 1) {
      const subject = `${performance.now()}-${round}`
      const heard = new Promise<number>((resolve) => {
        const leave = listener.onChange((change) => {
          if (change.subject !== subject) return
          leave()
          resolve(performance.now())
        })
      })
      const startedAt = performance.now()
      await database.db.transaction((tx) => tx.announce({ topic: 'user', subject }))
      times.push((await heard) - startedAt)
      // Off the beat of the poll.
      await new Promise((resolve) => setTimeout(resolve, 130))
    }
    return times.toSorted((left, right) => left - right)[5]!
  }
  const listeners = async () => {
    const rows = await admin`
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND query ILIKE 'listen %'`
    return rows.map(({ pid }) => Number(pid))
  }

  test('a connection that listens is opened again when it is lost', async () => {
    const db = await open()
    await expect.poll(() => hearingMs(db), { timeout: 20_000 }).toBeLessThan(200)
    const before = await listeners()
    expect(before).toHaveLength(2)
    for (const pid of before) await admin`SELECT pg_terminate_backend(${pid})`
    await expect.poll(async () => (await listeners()).length, { timeout: 20_000 }).toBe(2)
    expect(await hearingMs(db)).toBeLessThan(200)
  }, 30_000)

  test('what changed while the database was out of reach is heard when it is back, and notices again', async () => {
    const db = await open({}, gate.port)
    await expect.poll(() => hearingMs(db), { timeout: 20_000 }).toBeLessThan(200)
    await gate.shut()
    const heard: string[] = []
    db.onChange(({ subject }) => heard.push(subject))
    // Longer than several attempts to come back.
    await new Promise((resolve) => setTimeout(resolve, 3_500))
    expect(performance.now() - db.heardAt()).toBeGreaterThan(2_000)
    await database.db.transaction((tx) => tx.announce({ topic: 'user', subject: 'meanwhile' }))
    await expect(insert(db, 'unreachable')).rejects.toMatchObject({ code: 'unavailable' })
    await gate.open()
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('meanwhile')
    await expect.poll(() => insert(db, 'back'), { timeout: 20_000 }).toBeUndefined()
    await expect.poll(() => hearingMs(db), { timeout: 20_000 }).toBeLessThan(200)
    expect(await names()).not.toContain('unreachable')
  }, 60_000)

  test('nobody waits longer than the lock time-out, and nothing of theirs is left', async () => {
    const db = await open({ lock_timeout: '300' })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const holder = database.db.transaction(async (tx) => {
      await tx.lock('administrators')
      hold()
      await released
    })
    await held
    const waiting = db.transaction(async (tx) => {
      await tx.queries
        .insert(tx.tables.consumedLogins)
        .values({ idHash: 'waited', expiresAt: new Date() })
      await tx.lock('administrators')
    })
    const failure = await waiting.catch((error: unknown) => error)
    release()
    await holder
    expect(failure).toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('busy, and nothing was changed') as string,
      retryAfterSeconds: 2,
    })
    expect(await names()).not.toContain('waited')
    await insert(db, 'after the wait')
  })

  test('a process that stands still in a transaction loses it, and others go on', async () => {
    const db = await open({ idle_in_transaction_session_timeout: '300' })
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const stuck = db.transaction(async (tx) => {
      await tx.lock('administrators')
      hold()
      await tx.queries
        .insert(tx.tables.consumedLogins)
        .values({ idHash: 'stuck', expiresAt: new Date() })
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      await tx.lock('groups')
    })
    const failure = stuck.catch((error: unknown) => error)
    await held
    await database.db.transaction((tx) => tx.lock('administrators'))
    expect(await failure).toMatchObject({ code: 'unavailable' })
    expect(await names()).not.toContain('stuck')
  })
})
