import { eq } from 'drizzle-orm'
import type { ApiTokenList, CreatedApiToken, Me } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { openDatabase, type Database } from '#db'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'

type Init = { method?: string; headers?: Record<string, string>; body?: string }

const minute = 60_000
const day = 24 * 60 * minute
const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'

describe.each(databases)('API tokens on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let otherDb: Database
  let identityProvider: OddIdentityProvider
  let hub: TestHub
  let replica: TestHub
  const env = {
    HUB_ADMINS: 'oidc:root',
    HUB_GRANTS: JSON.stringify([
      { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod-east', namespaces: ['ml-team'] },
      { principal: 'oidc:bob', role: 'viewer' },
    ]),
  }

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    const { url } = database
    otherDb = await openDatabase(
      dialect === 'sqlite' ? { driver: 'sqlite', path: url } : { driver: 'postgres', url },
    )
    hub = await startHub({ db: database.db, identityProvider, env })
    replica = await startHub({ db: otherDb, identityProvider, env })
  })
  afterAll(async () => {
    await Promise.all([hub.stop(), replica.stop()])
    await otherDb.close()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  const signIn = async (who: string) => {
    const browser = hub.browser()
    await browser.signIn(who)
    return browser
  }
  const ask = (secret: string, path = '/api/auth/me', init: Init = {}, at = hub) =>
    at.app.request(`${hubOrigin}${path}`, {
      ...init,
      headers: {
        host: new URL(hubOrigin).host,
        authorization: `Bearer ${secret}`,
        ...init.headers,
      },
    })
  const make = async (browser: Browser, input: Record<string, unknown> = {}) => {
    const body = { name: 'ci', roleCeiling: 'deployer', expiresInDays: 30, ...input }
    const response = await browser.send('POST', '/api/auth/tokens', body)
    expect(response.status).toBe(201)
    return (await response.json()) as CreatedApiToken
  }
  const codeOf = async (response: Response) =>
    [response.status, ((await response.json()) as { code: string }).code] as const
  const userIdOf = async (principal: string) => {
    const { identities } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(identities)
      .where(eq(identities.principal, principal))
    return rows[0]!.userId
  }
  const audited = async (action: string) =>
    (await selectAuditRows(database.db, 20)).find((row) => row.action === action)

  test('are made once, shown once, kept as a digest, and listed without their secret', async () => {
    const browser = await signIn('bob')
    const { secret, token } = await make(browser, { instanceIds: ['prod-east', 'prod-east'] })
    expect(secret).toMatch(/^hubpat_[0-9A-Za-z]{15}_[0-9A-Za-z]{49}$/)
    expect(secret).toContain(token.id)
    expect(token).toMatchObject({
      name: 'ci',
      roleCeiling: 'deployer',
      instanceIds: ['prod-east'],
      lastUsedAt: null,
    })
    expect(Date.parse(token.expiresAt) - Date.parse(token.createdAt)).toBe(30 * day)
    const list = (await (await browser.get('/api/auth/tokens')).json()) as ApiTokenList
    expect(list.items).toContainEqual(token)
    expect(JSON.stringify(list)).not.toContain(secret.slice(-40))
    const row = await audited('token.create')
    expect(row).toMatchObject({
      actor: 'oidc:bob',
      outcome: 'success',
      target: { tokenId: token.id },
    })
    expect(JSON.stringify(row) + hub.lines.join('')).not.toContain(secret.slice(-40))
    const stored = await database.db.read.select().from(database.db.tables.apiTokens)
    expect(JSON.stringify(stored)).not.toContain(secret.slice(-40))
    expect(await (await ask(secret)).json()).toMatchObject({
      principal: 'oidc:bob',
      authenticatedAt: null,
    })
  })

  test.each([
    ['no name', { name: ' ' }, '/name'],
    ['more than 90 days', { expiresInDays: 91 }, '/expiresInDays'],
    ['no days', { expiresInDays: 0 }, '/expiresInDays'],
    ['an unknown role', { roleCeiling: 'owner' }, '/roleCeiling'],
    ['no instance', { instanceIds: [] }, '/instanceIds'],
    [
      'an administrator of one instance',
      { roleCeiling: 'admin', instanceIds: ['a'] },
      '/roleCeiling',
    ],
  ])('are refused with %s', async (_name, input, pointer) => {
    const browser = await signIn('bob')
    const body = { name: 'ci', roleCeiling: 'viewer', expiresInDays: 1, ...input }
    const response = await browser.send('POST', '/api/auth/tokens', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
  })

  test('never do more than their ceiling, their instances and their owner', async () => {
    const browser = await signIn('bob')
    const grantsOf = async (input: Record<string, unknown>) => {
      const { secret } = await make(browser, input)
      const me = (await (await ask(secret)).json()) as Me
      return me.grants.map(({ instanceId, namespaces, role }) => [role, instanceId, namespaces])
    }
    expect(await grantsOf({ roleCeiling: 'viewer' })).toEqual([
      ['viewer', 'prod-east', ['ml-team']],
      ['viewer', null, null],
    ])
    expect(await grantsOf({ roleCeiling: 'admin' })).toEqual([
      ['deployer', 'prod-east', ['ml-team']],
      ['viewer', null, null],
    ])
    expect(await grantsOf({ roleCeiling: 'deployer', instanceIds: ['prod-west'] })).toEqual([
      ['viewer', 'prod-west', null],
    ])
    const root = await signIn('root')
    const { secret: viewing } = await make(root, { roleCeiling: 'viewer' })
    expect(await codeOf(await ask(viewing, '/api/admin/credentials'))).toEqual([403, 'forbidden'])
    const { secret: limited } = await make(root, { instanceIds: ['prod-east'] })
    expect(await codeOf(await ask(limited, '/api/admin/credentials'))).toEqual([403, 'forbidden'])
    const { secret: administering } = await make(root, { roleCeiling: 'admin' })
    expect((await ask(administering, '/api/admin/credentials')).status).toBe(200)
  })

  test('lose within a second what their owner loses', async () => {
    const browser = await signIn('lent')
    const userId = await userIdOf('oidc:lent')
    const { secret } = await make(browser)
    const grant = (change: 'insert' | 'delete') =>
      database.db.transaction(async (tx) => {
        const { grants } = tx.tables
        if (change === 'delete') {
          await tx.queries.delete(grants).where(eq(grants.userId, userId))
        } else {
          await tx.queries.insert(grants).values({
            id: 'lent-grant',
            userId,
            servicePrincipalId: null,
            role: 'deployer',
            instanceId: 'prod-east',
            namespaces: null,
            source: 'manual',
            endsAt: null,
            createdAt: new Date(),
            createdBy: 'test',
          })
        }
        await tx.announce({ topic: 'grants', subject: userId })
      })
    const grantsAt = async (at: TestHub) =>
      ((await (await ask(secret, '/api/auth/me', {}, at)).json()) as Me).grants.length
    expect([await grantsAt(hub), await grantsAt(replica)]).toEqual([0, 0])
    await grant('insert')
    await expect.poll(() => grantsAt(replica), { timeout: 20_000 }).toBe(1)
    await expect.poll(() => grantsAt(hub), { timeout: 20_000 }).toBe(1)
    await grant('delete')
    await expect.poll(() => grantsAt(replica), { timeout: 20_000 }).toBe(0)
  })

  test('write without a CSRF header, and count alone where a cookie comes too', async () => {
    const browser = await signIn('root')
    const { secret } = await make(await signIn('bob'))
    const write = (authorization: string) =>
      browser.request(deployments, {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/json',
          'sec-fetch-site': 'cross-site',
        },
        body: JSON.stringify({ name: 'x', spec: { model: { id: 'x' } } }),
      })
    // bob may deploy there, so the next thing that is wrong is the instance, which is not there.
    expect(await codeOf(await write(`Bearer ${secret}`))).toEqual([404, 'not-found'])
    const other = await ask(secret, '/api/admin/credentials', {
      headers: { cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') },
    })
    expect(await codeOf(other)).toEqual([403, 'forbidden'])
    expect(await codeOf(await write('Bearer hubpat_nonsense'))).toEqual([401, 'invalid-token'])
  })

  test('are made by a recent sign-in alone, never by a token', async () => {
    const browser = await signIn('bob')
    const { secret } = await make(browser, { roleCeiling: 'admin' })
    const body = { name: 'more', roleCeiling: 'viewer', expiresInDays: 1 }
    const byToken = await ask(secret, '/api/auth/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(await codeOf(byToken)).toEqual([403, 'forbidden'])
    expect(await codeOf(await ask(secret, '/api/auth/tokens'))).toEqual([403, 'forbidden'])
    hub.advance(16 * minute)
    try {
      expect(await codeOf(await browser.send('POST', '/api/auth/tokens', body))).toEqual([
        401,
        'reauthentication-required',
      ])
    } finally {
      hub.advance(-16 * minute)
    }
  })

  test('are 50 per person at most', async () => {
    const browser = await signIn('hoarder')
    for (let made = 0; made < 50; made += 1) await make(browser)
    const one = await browser.send('POST', '/api/auth/tokens', {
      name: 'one more',
      roleCeiling: 'viewer',
      expiresInDays: 1,
    })
    expect(await codeOf(one)).toEqual([409, 'too-many-tokens'])
  })

  test('say when they were last used, a minute at most behind', async () => {
    const browser = await signIn('bob')
    const { secret, token } = await make(browser)
    const lastUsed = async () => {
      const list = (await (await browser.get('/api/auth/tokens')).json()) as ApiTokenList
      return list.items.find(({ id }) => id === token.id)!.lastUsedAt
    }
    await ask(secret)
    const first = await lastUsed()
    expect(first).not.toBeNull()
    hub.advance(30_000)
    await ask(secret)
    expect(await lastUsed()).toBe(first)
    hub.advance(31_000)
    await ask(secret)
    expect(Date.parse((await lastUsed())!)).toBeGreaterThan(Date.parse(first!))
    hub.advance(-61_000)
  })

  test('end at their expiry', async () => {
    const browser = await signIn('bob')
    const { secret } = await make(browser, { expiresInDays: 1 })
    expect((await ask(secret)).status).toBe(200)
    hub.advance(day)
    try {
      expect(await codeOf(await ask(secret))).toEqual([401, 'invalid-token'])
    } finally {
      hub.advance(-day)
    }
  })

  test('end when they are revoked: here at once, on the other replica within two seconds', async () => {
    const browser = await signIn('bob')
    const { secret, token } = await make(browser)
    expect((await ask(secret)).status).toBe(200)
    expect((await ask(secret, '/api/auth/me', {}, replica)).status).toBe(200)
    expect((await browser.send('DELETE', `/api/auth/tokens/${token.id}`)).status).toBe(204)
    expect((await ask(secret)).status).toBe(401)
    await expect
      .poll(async () => (await ask(secret, '/api/auth/me', {}, replica)).status, {
        timeout: 20_000,
      })
      .toBe(401)
    expect(await audited('token.revoke')).toMatchObject({ target: { tokenId: token.id } })
    const again = await browser.send('DELETE', `/api/auth/tokens/${token.id}`)
    expect(await codeOf(again)).toEqual([404, 'not-found'])
  })

  test("are revoked by their owner, by themselves and by an administrator, and nobody else's", async () => {
    const [bob, root, eve] = [await signIn('bob'), await signIn('root'), await signIn('eve')]
    const [one, two] = [await make(bob), await make(bob)]
    const path = `/api/auth/tokens/${two.token.id}`
    expect((await eve.send('DELETE', path)).status).toBe(404)
    expect(await codeOf(await ask(one.secret, path, { method: 'DELETE' }))).toEqual([
      403,
      'forbidden',
    ])
    const own = `/api/auth/tokens/${one.token.id}`
    expect((await ask(one.secret, own, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(one.secret)).status).toBe(401)

    const admin = `/api/admin/users/${await userIdOf('oidc:bob')}/tokens`
    expect(await codeOf(await eve.get(admin))).toEqual([403, 'forbidden'])
    const list = (await (await root.get(admin)).json()) as ApiTokenList
    expect(list.items.map(({ id }) => id)).toContain(two.token.id)
    expect((await eve.send('DELETE', `${admin}/${two.token.id}`)).status).toBe(403)
    expect((await root.send('DELETE', `${admin}/${two.token.id}`)).status).toBe(204)
    expect((await ask(two.secret)).status).toBe(401)
    expect(await codeOf(await root.get('/api/admin/users/nobody/tokens'))).toEqual([
      404,
      'not-found',
    ])
  })

  test('#32 a token of a person disabled in the hub is 403 user-disabled, on every replica', async () => {
    const { secret } = await make(await signIn('leaver'))
    const userId = await userIdOf('oidc:leaver')
    expect((await ask(secret)).status).toBe(200)
    expect((await ask(secret, '/api/auth/me', {}, replica)).status).toBe(200)
    await database.db.transaction(async (tx) => {
      const { users } = tx.tables
      await tx.queries.update(users).set({ disabledAt: new Date() }).where(eq(users.id, userId))
      await tx.announce({ topic: 'user', subject: userId })
    })
    for (const at of [hub, replica]) {
      await expect
        .poll(async () => codeOf(await ask(secret, '/api/auth/me', {}, at)), { timeout: 20_000 })
        .toEqual([403, 'user-disabled'])
    }
  })

  test("end with their owner's provider (GHSA-c45c-39f6-6gw9)", async () => {
    const { secret } = await make(await signIn('bob'))
    const without = await startHub({ db: database.db, env: { ENABLED_AUTH_PROVIDERS: '' } })
    try {
      expect(await codeOf(await ask(secret, '/api/auth/me', {}, without))).toEqual([
        401,
        'invalid-token',
      ])
    } finally {
      await without.stop()
    }
  })

  test.each([
    ['another secret', (secret: string) => `${secret.slice(0, -10)}0000000000`],
    ['another id', (secret: string) => secret.replace(/_.{4}/, '_0000')],
    ['its id alone', (secret: string) => secret.slice(0, 22)],
    ['its digest', () => 'hubpat_x_b1946ac92492d2347c6235b4d2611184f3a8c6c1'],
  ])('%s is no token', async (_name, change) => {
    const { secret } = await make(await signIn('bob'))
    const response = await ask(change(secret))
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="hub", error="invalid_token", error_description="/,
    )
    expect(await codeOf(response)).toEqual([401, 'invalid-token'])
  })

  test.each<[string, Record<string, string>, string]>([
    ['no header', {}, ''],
    ['the Basic scheme', { authorization: 'Basic aHViOmh1Yg==' }, ''],
    ['an empty bearer', { authorization: 'Bearer ' }, ''],
    ['a bearer with spaces', { authorization: 'Bearer a b' }, ''],
    ['a bare token', { authorization: 'hubpat_x' }, ''],
    ['a token in the query', {}, '?access_token='],
  ])('#26 %s is 401 with a challenge that names no error', async (_name, headers, query) => {
    const { secret } = await make(await signIn('bob'))
    const path = `/api/instances${query === '' ? '' : query + secret}`
    const response = await hub.app.request(`${hubOrigin}${path}`, { headers })
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="hub"')
    expect(await codeOf(response)).toEqual([401, 'unauthenticated'])
  })

  test('#26 the scheme in any case is taken, a Basic header beside a session is not ignored', async () => {
    const browser = await signIn('bob')
    const { secret } = await make(browser)
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      const response = await ask(secret, '/api/auth/me', {
        headers: { authorization: `${scheme} ${secret}` },
      })
      expect(response.status).toBe(200)
    }
    const response = await browser.request('/api/auth/me', {
      headers: { authorization: 'Basic eDp5' },
    })
    expect(response.status).toBe(401)
  })

  test('#26 two Authorization headers are 400', async () => {
    const { secret } = await make(await signIn('bob'))
    const headers = new Headers([
      ['authorization', `Bearer ${secret}`],
      ['authorization', `Bearer ${secret}`],
    ])
    const response = await hub.app.request(`${hubOrigin}/api/auth/me`, { headers })
    expect(await codeOf(response)).toEqual([400, 'invalid-request'])
  })
})
