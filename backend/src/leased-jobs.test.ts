import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Job, JobRound } from '#context'
import { createLeases, LeaseLost, openDatabase, type Database } from '#db'
import { sleep } from '#kube'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../test/databases.ts'
import { holdTime } from '../test/held-time.ts'
import { startReplicas } from '../test/replicas.ts'
import { runJobs } from './run-jobs.ts'

const [, postgres] = databases
let database: TestDatabase
let otherDb: Database
beforeAll(async () => {
  database = await postgres.open()
  otherDb = await openDatabase({ driver: 'postgres', url: database.url })
})
afterAll(async () => {
  await otherDb.close()
  await database.dispose()
})

/** A replica whose one job's rounds take until they are ended. */
function startReplica(db: Database, holder: string) {
  const time = holdTime()
  const { timing } = time
  const rounds: { round: JobRound; end: () => void }[] = []
  const job: Job = {
    name: 'test.job',
    everySeconds: 10,
    isLeased: true,
    failure: 'it failed',
    run: (round) =>
      new Promise((resolve) => {
        rounds.push({ round, end: resolve })
      }),
  }
  const jobs = runJobs([job], {
    leases: createLeases(db, {
      holder,
      timing: { now: timing.now, sleep: (ms, signal) => sleep(timing, ms, signal) },
    }),
    log: createLogger('silent'),
    now: () => new Date(timing.now()),
    timing,
  })
  return { advance: time.advance, jobs, rounds, outcome: () => jobs.lastRuns().get('test.job') }
}

test('of two replicas one does a leased job, and the other takes it over when that one dies', async () => {
  const here = startReplica(database.db, 'here')
  await vi.waitFor(() => expect(here.rounds).toHaveLength(1), { timeout: 20_000 })
  const there = startReplica(otherDb, 'there')
  await vi.waitFor(() => expect(there.outcome()).toMatchObject({ outcome: 'elsewhere' }), {
    timeout: 20_000,
  })
  expect(there.rounds).toEqual([])

  // Dead or paused: its own clock stands still while the database's goes on.
  await otherDb.transaction(async ({ queries, tables: { leases } }) => {
    await queries.update(leases).set({ expiresAt: sql`clock_timestamp() - interval '1 second'` })
  })
  await there.advance(10_000)
  await vi.waitFor(() => expect(there.rounds).toHaveLength(1), { timeout: 20_000 })
  const [late, heir] = [here.rounds[0]!, there.rounds[0]!]
  expect(heir.round.lease!.fencingNumber).toBeGreaterThan(late.round.lease!.fencingNumber)

  await expect(database.db.transaction((tx) => late.round.lease!.check(tx))).rejects.toThrow(
    LeaseLost,
  )
  await here.advance(10_000)
  await vi.waitFor(() => expect(late.round.signal.aborted).toBe(true), { timeout: 20_000 })
  expect(heir.round.signal.aborted).toBe(false)
  for (const { end } of [late, heir]) end()
  await Promise.all([here.jobs.stop(), there.jobs.stop()])
})

test('the hub takes leases for what one replica does at a time, and leaves none behind', async () => {
  const replicas = await startReplicas({
    dialect: 'postgres',
    database,
    env: { AUDIT_RETENTION: '400d', ENABLED_AUTH_PROVIDERS: '' },
  })
  await replicas.stop()
  const { leases } = otherDb.tables
  const rows = await otherDb.read
    .select({ name: leases.name, isOver: sql<boolean>`expires_at <= clock_timestamp()` })
    .from(leases)
  expect(rows.filter(({ isOver }) => !isOver)).toEqual([])
  expect(rows.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'access.grant-ends',
      'audit.retention',
      'audit.settling',
      'sessions.sweep',
    ]),
  )
})
