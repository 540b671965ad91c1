import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'
import { startTcpGate, type TcpGate } from '../test/tcp-gate.ts'

describe('a hub whose PostgreSQL loses every packet', () => {
  let database: TestDatabase
  let gate: TcpGate
  let db: Database
  let identityProvider: OddIdentityProvider
  let hub: TestHub

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([
      databases[1].open(),
      startOddIdentityProvider(),
    ])
    const url = new URL(database.url)
    gate = await startTcpGate({ host: url.hostname, port: Number(url.port) })
    url.port = String(gate.port)
    db = await openDatabase({ driver: 'postgres', url: url.href })
    hub = await startHub({ db, identityProvider, env: { HUB_ADMINS: 'oidc:root' } })
  })
  afterAll(async () => {
    await hub.stop()
    await db.close()
    await Promise.all([gate.stop(), identityProvider.stop()])
    await database.dispose()
  })

  const count = async () => database.db.read.$count(database.db.tables.consumedLogins)

  test('H34: every request is answered with 503 meanwhile, and the hub heals when packets flow again', async () => {
    const root = hub.browser()
    await root.signIn('root')
    expect((await root.get('/readyz')).status).toBe(200)
    // As many as there are connections, and more.
    await Promise.all(Array.from({ length: 30 }, () => root.get('/api/admin/users')))
    gate.freeze()
    const heardAt = db.heardAt()
    const paths = ['/api/admin/users', '/api/admin/audit', '/api/auth/sessions']
    const asked = Array.from({ length: 12 }, () => paths).flat()
    const answers = await Promise.all(asked.map((path) => root.get(path)))
    for (const answer of answers) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('2')
      expect(await answer.json()).toMatchObject({ code: 'unavailable' })
    }
    await expect
      .poll(async () => (await hub.browser().get('/readyz')).status, { timeout: 30_000 })
      .toBe(503)
    expect((await hub.browser().get('/livez')).status).toBe(200)
    const change = await root.send('POST', '/api/admin/group-mappings', {
      groupId: 'g',
      role: 'viewer',
    })
    expect(change.status).toBe(503)
    expect((await hub.browser().signIn('new')).status).toBe(503)

    // No RST: what was open stays dead, and only what is opened now gets through.
    gate.thaw()
    await expect
      .poll(async () => (await root.get('/api/admin/users')).status, { timeout: 30_000 })
      .toBe(200)
    const afterwards = await Promise.all(
      Array.from({ length: 30 }, () => root.get('/api/admin/users')),
    )
    expect(afterwards.map(({ status }) => status)).toEqual(afterwards.map(() => 200))
    expect((await hub.browser().get('/readyz')).status).toBe(200)
    await expect.poll(() => db.heardAt(), { timeout: 30_000 }).toBeGreaterThan(heardAt)
    const subjects: string[] = []
    db.onChange(({ subject }) => void subjects.push(subject))
    await database.db.transaction((tx) => tx.announce({ topic: 'user', subject: 'heard again' }))
    await expect.poll(() => subjects, { timeout: 20_000 }).toContain('heard again')
  }, 120_000)

  test('H34: of what was being committed when it fell silent, the answer says that nobody knows', async () => {
    const before = await count()
    const insert = (idHash: string, moment: 'in work' | 'at the commit') =>
      db.transaction(async (tx) => {
        await tx.queries.insert(tx.tables.consumedLogins).values({ idHash, expiresAt: new Date() })
        if (moment === 'in work') gate.freeze()
        await tx.queries.$count(tx.tables.consumedLogins)
        if (moment === 'at the commit') gate.freeze()
      })
    for (const moment of ['in work', 'at the commit'] as const) {
      const failure = await insert(moment, moment).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('look first whether what you did is there') as string,
        outcome: moment === 'in work' ? undefined : 'unknown',
      })
      gate.thaw()
      await expect
        .poll(
          () =>
            db.ping().then(
              () => 'up',
              () => 'away',
            ),
          { timeout: 60_000 },
        )
        .toBe('up')
    }
    // The gate let neither COMMIT through.
    expect(await count()).toBe(before)
  }, 180_000)
})
