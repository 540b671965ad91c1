import { chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDatabase, type Database } from './index.ts'

describe('an SQLite file', () => {
  let folder: string
  let path: string
  const opened: Database[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-sqlite-limits-'))
    path = join(folder, 'data', 'hub.db')
  })
  afterEach(async () => {
    for (const db of opened.splice(0)) await db.close()
    await rm(folder, { recursive: true, force: true })
  })

  const open = async () => {
    const db = await openDatabase({ driver: 'sqlite', path })
    opened.push(db)
    return db
  }
  const insert = (db: Database, idHash: string) =>
    db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.consumedLogins).values({ idHash, expiresAt: new Date() })
    })
  const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8)

  test('H36: writers wait five seconds from when they asked, and not one after the other', async () => {
    const db = await open()
    const other = new BetterSqlite(path)
    other.exec('BEGIN IMMEDIATE')
    const startedAt = performance.now()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, (_, at) => insert(db, `waits-${at}`)),
    )
    const tookMs = performance.now() - startedAt
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'unavailable', retryAfterSeconds: 2 },
      })
    }
    // One after the other they would have taken 25 minutes.
    expect(tookMs).toBeLessThan(20_000)
    other.exec('ROLLBACK')
    other.close()
    await insert(db, 'goes on')
    const rows = await db.read.select().from(db.tables.consumedLogins)
    expect(rows.map(({ idHash }) => idHash)).toEqual(['goes on'])
  }, 60_000)

  test('H36: the queue is bounded, and what is over it hears so at once', async () => {
    const db = await open()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const first = db.transaction(() => released)
    const works = Array.from({ length: 1_200 }, (_, at) => insert(db, `queued-${at}`))
    const refused = await Promise.race(works.slice(-1)).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 })
    release()
    await first
    const outcomes = await Promise.allSettled(works)
    const done = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(done).toBeGreaterThan(900)
    expect(done).toBeLessThanOrEqual(1_001)
    expect(await db.read.$count(db.tables.consumedLogins)).toBe(done)
  }, 60_000)

  test("H36: is its owner's alone, whatever the umask, with its log and index", async () => {
    const umask = process.umask(0)
    try {
      const db = await open()
      await insert(db, 'written')
      expect(await modeOf(join(folder, 'data'))).toBe('700')
      for (const file of [path, `${path}-wal`, `${path}-shm`]) {
        expect(await modeOf(file)).toBe('600')
      }
    } finally {
      process.umask(umask)
    }
  })

  test('H36: one that others could read is narrowed', async () => {
    const first = await open()
    await insert(first, 'written')
    const copy = new BetterSqlite(path)
    for (const file of [path, `${path}-wal`, `${path}-shm`]) await chmod(file, 0o664)
    await open()
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(await modeOf(file)).toBe('600')
    copy.close()
  })

  test('H35: one that cannot be written says so: not ready, and 503', async () => {
    const db = await open()
    await insert(db, 'written')
    const faults = [
      ['SQLITE_READONLY_DBMOVED', 'was removed or replaced'],
      ['SQLITE_READONLY_ROLLBACK', 'read-only'],
      ['SQLITE_CANTOPEN', 'read-only'],
      ['SQLITE_FULL', 'run out of space'],
      ['SQLITE_IOERR_WRITE', 'could not read or write its files'],
    ] as const
    for (const [code, words] of faults) {
      const run = vi.spyOn(BetterSqlite.prototype, 'exec').mockImplementation(() => {
        throw new BetterSqlite.SqliteError('no', code)
      })
      const failures = [insert(db, code), db.ping()].map((work) =>
        work.catch((error: unknown) => error),
      )
      for (const failure of await Promise.all(failures)) {
        expect(failure).toMatchObject({
          code: 'unavailable',
          detail: expect.stringContaining(words) as string,
        })
      }
      run.mockRestore()
    }
    await db.ping()
  })

  test.each([
    ['removed', () => rm(path)],
    ['replaced by a copy', () => rename(`${path}-copy`, path)],
  ])(
    'one that was %s while it was open takes no change that nobody would find again',
    async (...[, change]) => {
      const db = await open()
      await insert(db, 'kept')
      const copy = new BetterSqlite(path)
      await copy.backup(`${path}-copy`)
      copy.close()
      await change()
      for (const work of [insert(db, 'lost'), db.ping()]) {
        await expect(work).rejects.toMatchObject({
          code: 'unavailable',
          detail: expect.stringContaining('has to restart it') as string,
        })
      }
      expect(await db.read.$count(db.tables.consumedLogins)).toBe(1)
    },
  )
})
