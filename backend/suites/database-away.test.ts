import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'
import { startTcpGate, type TcpGate } from '../test/tcp-gate.ts'

describe('a hub whose database is out of reach', () => {
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

  test('says so with 503, lets nobody in meanwhile, tells no secret, and goes on when it is back', async () => {
    const root = hub.browser()
    await root.signIn('root')
    const viewer = hub.browser()
    await viewer.signIn('eve')
    await gate.shut()
    // What is known of sessions counts as long as changes of them would be heard.
    await expect
      .poll(async () => (await root.get('/api/instances')).status, { timeout: 20_000 })
      .toBe(503)

    const answers = {
      list: await root.get('/api/instances'),
      change: await root.send('POST', '/api/admin/group-mappings', {
        groupId: 'g',
        role: 'viewer',
      }),
      denied: await viewer.get('/api/admin/users'),
      anonymous: await hub.browser().get('/api/instances'),
    }
    expect(answers.anonymous.status).toBe(401)
    for (const response of [answers.list, answers.change, answers.denied]) {
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('2')
      expect(await response.json()).toMatchObject({
        code: 'unavailable',
        detail: expect.stringContaining('database did not answer') as string,
      })
    }
    const callback = await hub.browser().signIn('new')
    expect(callback.status).toBe(503)
    expect(callback.headers.getSetCookie().join()).not.toContain('hub_session=ey')
    expect((await hub.browser().get('/livez')).status).toBe(200)
    expect((await hub.browser().get('/readyz')).status).toBe(503)

    await gate.open()
    await expect
      .poll(async () => (await root.get('/api/instances')).status, { timeout: 20_000 })
      .toBe(200)
    expect((await viewer.get('/api/admin/users')).status).toBe(403)
    expect((await hub.browser().get('/readyz')).status).toBe(200)
    expect(hub.lines.join('')).toContain('Failed query: ')
    expect(hub.lines.join('')).not.toContain('params:')
  }, 60_000)
})
