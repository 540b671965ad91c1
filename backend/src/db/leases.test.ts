import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sleep } from '#kube'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { holdTime } from '../../test/held-time.ts'
import type { Database } from './database.ts'
import { createLeases, LeaseLost, type Lease } from './leases.ts'
import { openDatabase } from './open.ts'

const [sqlite, postgres] = databases
const never = new AbortController().signal

/** A process with leases, on time that stands still until it is moved. */
function startProcess(db: Database, holder: string) {
  const time = holdTime()
  const { timing } = time
  const leases = createLeases(db, {
    holder,
    timing: { now: timing.now, sleep: (ms, signal) => sleep(timing, ms, signal) },
  })
  return { advance: time.advance, hold: leases.hold }
}

/** Takes the lease and keeps it until `end`. */
async function take(process: ReturnType<typeof startProcess>, name = 'work') {
  const begun = Promise.withResolvers<Lease>()
  const ending = Promise.withResolvers<void>()
  const held = process.hold(name, never, (lease) => {
    begun.resolve(lease)
    return ending.promise
  })
  const lease = await begun.promise
  return {
    lease,
    end: () => {
      ending.resolve()
      return held
    },
  }
}

const isTaken = async (process: ReturnType<typeof startProcess>, name = 'work') =>
  !(await process.hold(name, never, async () => {}))

describe('leases of several processes on PostgreSQL', () => {
  let database: TestDatabase
  let otherDb: Database
  let here: ReturnType<typeof startProcess>
  let there: ReturnType<typeof startProcess>
  beforeEach(async () => {
    database = await postgres.open()
    otherDb = await openDatabase({ driver: 'postgres', url: database.url })
    here = startProcess(database.db, 'here')
    there = startProcess(otherDb, 'there')
  })
  afterEach(async () => {
    await otherDb.close()
    await database.dispose()
  })

  const readRow = async () => {
    const { leases } = otherDb.tables
    const [row] = await otherDb.read.select().from(leases)
    return row!
  }
  /** As far as the database's clock is concerned, everything that is held has ended. */
  const letTimePass = () =>
    otherDb.transaction(async ({ queries, tables: { leases } }) => {
      await queries.update(leases).set({ expiresAt: sql`clock_timestamp() - interval '1 second'` })
    })
  /** Any write will do. */
  const write = (db: Database, lease: Lease, id: string) =>
    db.transaction(async (tx) => {
      await lease.check(tx)
      await tx.queries
        .insert(tx.tables.instances)
        .values({ id, clusterUid: 'uid', firstSeenAt: new Date() })
    })
  const findWrites = async () => {
    const { instances } = otherDb.tables
    const rows = await otherDb.read.select({ id: instances.id }).from(instances)
    return rows.map(({ id }) => id)
  }

  test('are held by one at a time, each with its own name', async () => {
    const first = await take(here)
    expect(await isTaken(there)).toBe(true)
    expect(await isTaken(here)).toBe(true)
    expect(await isTaken(there, 'other work')).toBe(false)
    expect(await first.end()).toBe(true)
    const second = await take(there)
    expect(second.lease.fencingNumber).toBeGreaterThan(first.lease.fencingNumber)
    await second.end()
  })

  test('one of many that ask at once gets it', async () => {
    const ending = Promise.withResolvers<void>()
    let refused = 0
    const asked = Array.from({ length: 8 }, async (_, index) => {
      const process = index % 2 === 0 ? here : there
      const isHeld = await process.hold('work', never, () => ending.promise)
      if (!isHeld) refused += 1
      if (refused === 7) ending.resolve()
      return isHeld
    })
    expect((await Promise.all(asked)).filter((isHeld) => isHeld)).toHaveLength(1)
  })

  test('are renewed while the work takes its time', async () => {
    const { end, lease } = await take(here)
    for (let renewals = 0; renewals < 3; renewals += 1) {
      await letTimePass()
      const { expiresAt } = await readRow()
      await here.advance(10_000)
      await vi.waitFor(
        async () => {
          expect((await readRow()).expiresAt.getTime()).toBeGreaterThan(
            expiresAt.getTime() + 25_000,
          )
        },
        { timeout: 20_000 },
      )
    }
    expect(lease.signal.aborted).toBe(false)
    expect(await isTaken(there)).toBe(true)
    await end()
  })

  test('of a holder that died are taken over when they end, under a greater number', async () => {
    const dead = await take(here)
    expect(await isTaken(there)).toBe(true)
    await letTimePass()
    const heir = await take(there)
    expect(heir.lease.fencingNumber).toBe(dead.lease.fencingNumber + 1)
    expect(await readRow()).toMatchObject({ holder: 'there' })
    await heir.end()
    await dead.end()
  })

  test('a holder that was paused writes nothing under its old number, and learns that it is lost', async () => {
    const paused = await take(here)
    await write(database.db, paused.lease, 'before')
    await letTimePass()
    const heir = await take(there)
    await expect(write(database.db, paused.lease, 'late')).rejects.toThrow(LeaseLost)
    await write(otherDb, heir.lease, 'after')
    expect(await findWrites()).toEqual(['before', 'after'])
    expect(paused.lease.signal.aborted).toBe(false)
    await here.advance(10_000)
    await vi.waitFor(() => expect(paused.lease.signal.aborted).toBe(true), { timeout: 20_000 })
    expect(paused.lease.signal.reason).toBeInstanceOf(LeaseLost)
    // Its end is not the heir's.
    await paused.end()
    expect(await isTaken(here)).toBe(true)
    await heir.end()
  })

  test('nobody takes one over between its check and the end of what is written under it', async () => {
    const { end, lease } = await take(here)
    await letTimePass()
    const order: string[] = []
    const taking: Promise<boolean>[] = []
    await database.db.transaction(async (tx) => {
      await lease.check(tx)
      taking.push(there.hold('work', never, async () => void order.push('taken')))
      await vi.waitFor(
        async () => {
          const waiting = await tx.queries
            .select({ pid: sql<number>`pid` })
            .from(sql`pg_stat_activity`)
            .where(sql`datname = current_database() AND wait_event_type = 'Lock'`)
          expect(waiting).toHaveLength(1)
        },
        { timeout: 20_000 },
      )
      order.push('written')
    })
    expect(await Promise.all(taking)).toEqual([true])
    expect(order).toEqual(['written', 'taken'])
    await end()
  })

  test.each<[string, () => Promise<never>, number]>([
    ['whose renewal fails', () => Promise.reject(new Error('away')), 20_000],
    ['whose renewal is not answered', () => new Promise(() => {}), 30_000],
  ])('%s are given up before anybody can take them', async (_, answer, givenUpMs) => {
    let isAway = false
    const transaction: Database['transaction'] = (work) =>
      isAway ? answer() : database.db.transaction(work)
    const process = startProcess({ ...database.db, transaction }, 'here')
    const { end, lease } = await take(process)
    isAway = true
    await process.advance(10_000)
    await process.advance(givenUpMs - 10_001)
    expect(lease.signal.aborted).toBe(false)
    await process.advance(1)
    expect(lease.signal.aborted).toBe(true)
    await end()
  })

  test('end with the signal they were taken with, and with work that fails', async () => {
    const stopped = new AbortController()
    await here.hold('work', stopped.signal, async ({ signal }) => {
      stopped.abort()
      expect(signal.aborted).toBe(true)
    })
    const failing = here.hold('work', never, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await isTaken(there)).toBe(false)
    const { leases } = otherDb.tables
    const rows = await otherDb.read.select().from(leases).where(eq(leases.name, 'work'))
    expect(rows).toMatchObject([{ fencingNumber: 3 }])
  })
})

test('on SQLite, which one process has alone, they are given at once and leave no row', async () => {
  const { db, dispose } = await sqlite.open()
  const process = startProcess(db, 'here')
  const first = await take(process)
  await db.transaction((tx) => first.lease.check(tx))
  await first.end()
  const second = await take(process)
  expect(second.lease.fencingNumber).toBeGreaterThan(first.lease.fencingNumber)
  await second.end()
  expect(await db.read.select().from(db.tables.leases)).toEqual([])
  await dispose()
})
