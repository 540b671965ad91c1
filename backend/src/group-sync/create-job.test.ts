import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createLeases, openDatabase, type Database } from '#db'
import { sleep } from '#kube'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { holdTime } from '../../test/held-time.ts'
import { startHub, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { createAuth } from '../create-auth.ts'
import { runJobs } from '../run-jobs.ts'
import { createGroupSyncJob } from './create-job.ts'

const [, postgres] = databases
const people = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay']
const hour = 3_600_000
let database: TestDatabase
let otherDb: Database
let oidc: OddIdentityProvider
let hub: TestHub
beforeAll(async () => {
  ;[database, oidc] = await Promise.all([postgres.open(), startOddIdentityProvider()])
  otherDb = await openDatabase({ driver: 'postgres', url: database.url })
  hub = await startHub({
    db: database.db,
    identityProvider: oidc,
    env: { GROUP_SYNC_INTERVAL: 'off' },
  })
  for (const name of people) {
    oidc.answers.moreTokens = { refresh_token: `rt-${name}` }
    expect((await hub.browser().signIn(name)).status).toBe(303)
  }
  oidc.beHonest()
})
afterAll(async () => {
  await hub.stop()
  await otherDb.close()
  await Promise.all([database.dispose(), oidc.stop()])
})

/** A replica that looks groups up for everybody at once, and gets no answer before it may. */
function startReplica(db: Database, holder: string) {
  const time = holdTime()
  const { timing } = time
  const leases = createLeases(db, {
    holder,
    timing: { now: timing.now, sleep: (ms, signal) => sleep(timing, ms, signal) },
  })
  const log = createLogger('silent')
  const now = () => new Date(Date.now() + hour)
  const auth = createAuth({
    config: hub.config,
    fetch,
    now: () => new Date(),
    log,
    restingInstances: new Set(),
  })
  const answered = Promise.withResolvers<void>()
  let asked = 0
  const providers = auth.providers.map((provider) => ({
    ...provider,
    readGroups: async (request: Parameters<typeof provider.readGroups>[0]) => {
      asked += 1
      await answered.promise
      return provider.readGroups(request)
    },
  }))
  const job = createGroupSyncJob({ db, auth: { ...auth, providers }, now, log }, 60)
  const jobs = runJobs([job], { leases, log, now, timing })
  return {
    leases,
    job,
    asked: () => asked,
    answer: answered.resolve,
    outcome: () => jobs.lastRuns().get(job.name)?.outcome,
    begin: () => time.advance(4_000),
    stop: jobs.stop,
  }
}

test('of two replicas one looks groups up; one that lost the lease asks no more, and keeps what was answered', async () => {
  oidc.answers.refreshed = (token) => ({
    claims: { sub: token.replace(/^rt-/, ''), groups: ['new'] },
    tokens: { refresh_token: `${token}-2` },
  })
  const here = startReplica(database.db, 'here')
  await here.begin()
  await vi.waitFor(() => expect(here.asked()).toBe(4), { timeout: 20_000 })
  const there = startReplica(otherDb, 'there')
  await there.begin()
  await vi.waitFor(() => expect(there.outcome()).toBe('elsewhere'), { timeout: 20_000 })
  expect(there.asked()).toBe(0)

  // Paused: its own clock stands still while the database's goes on.
  await otherDb.transaction(async ({ queries, tables: { leases } }) => {
    await queries.update(leases).set({ expiresAt: new Date(0) })
  })
  await there.leases.hold(here.job.name, new AbortController().signal, async () => {
    here.answer()
    await vi.waitFor(() => expect(here.outcome()).toBe('success'), { timeout: 20_000 })
  })
  expect(here.asked()).toBe(4)
  const { identities } = otherDb.tables
  const rows = await otherDb.read.select().from(identities)
  expect(rows.filter(({ groups }) => groups?.[0]?.id === 'new')).toHaveLength(4)
  await Promise.all([here.stop(), there.stop()])
})
