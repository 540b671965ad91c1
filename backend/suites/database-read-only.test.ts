import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'

describe('a hub whose PostgreSQL takes no writes', () => {
  let database: TestDatabase
  let admin: postgres.Sql
  let db: Database
  let identityProvider: OddIdentityProvider
  let hub: TestHub

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([
      databases[1].open(),
      startOddIdentityProvider(),
    ])
    admin = postgres(database.url, { max: 1, onnotice: () => undefined })
    await refuseWrites(true)
    // What has no migration to do starts on it.
    db = await openDatabase({ driver: 'postgres', url: database.url })
    hub = await startHub({ db, identityProvider, env: { HUB_ADMINS: 'oidc:root' } })
  })
  afterAll(async () => {
    await hub.stop()
    await db.close()
    await admin.end()
    await identityProvider.stop()
    await database.dispose()
  })

  /** As a failover to a replica does: sessions end, and new ones cannot write. */
  const refuseWrites = async (isReadOnly: boolean) => {
    const name = new URL(database.url).pathname.slice(1)
    const value = isReadOnly ? 'on' : 'off'
    await admin.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`)
    await admin`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`
  }

  test('H35: is not ready and says why, answers writes with 503, and goes on when it may write', async () => {
    const ready = await hub.browser().get('/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain('read-only')
    expect((await hub.browser().get('/livez')).status).toBe(200)
    const callback = await hub.browser().signIn('root')
    expect(callback.status).toBe(503)

    await refuseWrites(false)
    await expect
      .poll(async () => (await hub.browser().get('/readyz')).status, { timeout: 20_000 })
      .toBe(200)
    const root = hub.browser()
    await root.signIn('root')
    expect((await root.get('/api/admin/users')).status).toBe(200)

    await refuseWrites(true)
    await expect
      .poll(async () => (await hub.browser().get('/readyz')).status, { timeout: 20_000 })
      .toBe(503)
    const change = await root.send('POST', '/api/admin/group-mappings', {
      groupId: 'g',
      role: 'viewer',
    })
    expect(change.status).toBe(503)
    expect(await change.json()).toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('read-only, and nothing was changed') as string,
    })
    // What is read goes on being read.
    expect((await root.get('/api/admin/users')).status).toBe(200)
  }, 90_000)
})
