import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Session, SessionList, SignedOut } from '@hub/shared'
import { eq } from 'drizzle-orm'
import { selectAuditRows } from '#audit'
import { deriveKeys, loadConfig } from '#config'
import type { RequestContext } from '#context'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import { hubOrigin, startHub, type Browser } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'
import { authenticate } from '../accounts/authenticate.ts'
import { createAuth } from '../create-auth.ts'

const minute = 60_000
const secret = 'b1946ac92492d2347c6235b4d2611184f3a8c6c1'
const cookieName = 'hub_session'

describe.each(databases)('sessions on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let passed = 0

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      env: { HUB_ADMINS: 'oidc:root' },
    })
  })
  afterAll(async () => {
    await replicas.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })
  afterEach(() => {
    identityProvider.beHonest()
    replicas.advance(-passed)
    passed = 0
  })

  const pass = (ms: number) => {
    passed += ms
    replicas.advance(ms)
  }
  const signIn = async (subject = 'ada') => {
    const browser = replicas.here.browser()
    expect((await browser.signIn(subject)).status).toBe(303)
    return browser
  }
  const statusOf = async (browser: Browser) => (await browser.get('/api/auth/me')).status
  const copyOf = (browser: Browser) => {
    const copy = replicas.here.browser()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    return copy
  }
  const cookieOf = (browser: Browser) => browser.cookies.get(cookieName)!
  const currentOf = async (browser: Browser) => {
    const { items } = SessionList.parse(await (await browser.get('/api/auth/sessions')).json())
    return items.find(({ isCurrent }) => isCurrent)!
  }
  const lastAudit = async () => (await selectAuditRows(database.db, 1))[0]!

  describe('the cookie', () => {
    const forge = (options: { key?: Uint8Array; typ?: string; id: string }) =>
      new SignJWT({ sid: options.id, key: 'x' })
        .setProtectedHeader({ alg: 'HS256', typ: options.typ ?? 'hub-session+jwt' })
        .setIssuer('hub')
        .setAudience('hub-session')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(options.key ?? deriveKeys([secret], 'session')[0]!)

    test('#16 of another key, another type or none at all is nobody, and the database is not asked', async () => {
      const { id } = await currentOf(await signIn())
      const none = [
        { alg: 'none', typ: 'hub-session+jwt' },
        { sid: id, key: 'x' },
      ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      const forged = [
        `${none.join('.')}.`,
        await forge({ id, key: new Uint8Array(32).fill(7) }),
        // Derived for another purpose from the right secret.
        await forge({ id, key: deriveKeys([secret], 'login')[0]! }),
        await forge({ id, typ: 'JWT' }),
        await forge({ id, typ: 'hub-login+jwt' }),
        'x',
        '',
      ]
      const auth = createAuth({
        config: loadConfig({ HUB_MODE: 'true', SESSION_SECRET: secret }),
        fetch,
        now: () => new Date(),
        log: createLogger('silent'),
        restingInstances: new Set(),
      })
      const db = new Proxy({} as RequestContext['db'], {
        get: () => {
          throw new Error('the database was asked')
        },
      })
      const ctx = { db, now: () => new Date() } as RequestContext
      for (const cookie of forged) {
        expect(await authenticate(ctx, auth, cookie, 'person')).toMatchObject({
          actor: { type: 'anonymous' },
        })
        const browser = replicas.here.browser()
        browser.cookies.set(cookieName, cookie)
        expect(await statusOf(browser)).toBe(401)
      }
      // The control: the right envelope leads to the database.
      await expect(authenticate(ctx, auth, await forge({ id }), 'person')).rejects.toThrow(
        'the database was asked',
      )
    })

    test('#17 whose row is revoked or deleted is nobody, at once', async () => {
      const [revoked, deleted] = [await signIn(), await signIn()]
      const other = await signIn()
      const { id } = await currentOf(revoked)
      expect(await statusOf(revoked)).toBe(200)
      expect((await other.send('DELETE', `/api/auth/sessions/${id}`)).status).toBe(204)
      expect(await statusOf(revoked)).toBe(401)

      const { id: gone } = await currentOf(deleted)
      await database.db.transaction(async (tx) => {
        await tx.queries.delete(tx.tables.sessions).where(eq(tx.tables.sessions.id, gone))
        await tx.announce({ topic: 'session', subject: gone })
      })
      expect(await statusOf(deleted)).toBe(401)
    })

    test('#19 that was there before a sign-in is not the one after it, and opens nothing any more', async () => {
      const browser = await signIn('eve')
      const before = cookieOf(browser)
      const fixed = copyOf(browser)
      await browser.signIn('ada')
      expect(cookieOf(browser)).not.toBe(before)
      expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
        principal: 'oidc:ada',
      })
      expect(await statusOf(fixed)).toBe(401)
    })
  })

  test('#18 ends 30 minutes and a second after the last request, and after 12 hours whatever is done', async () => {
    const [idle, busy] = [await signIn(), await signIn()]
    pass(30 * minute - 2_000)
    expect(await statusOf(busy)).toBe(200)
    pass(3_000)
    expect(await statusOf(idle)).toBe(401)
    for (let at = 30; at < 12 * 60; at += 10) {
      expect(await statusOf(busy)).toBe(200)
      pass(10 * minute)
    }
    expect(await statusOf(busy)).toBe(401)
  })

  test('an open stream does not keep a session alive, even where it is opened again and again', async () => {
    const browser = await signIn()
    for (let at = 0; at < 30; at += 5) {
      const response = await browser.get('/api/stream')
      expect(response.status).toBe(200)
      await response.body!.cancel()
      pass(5 * minute)
    }
    pass(1_000)
    expect((await browser.get('/api/stream')).status).toBe(401)
    expect(await statusOf(browser)).toBe(401)
  })

  describe('renewal', () => {
    test('gives another cookie every 15 minutes, and the same session', async () => {
      const browser = await signIn()
      const [cookie, { id }] = [cookieOf(browser), await currentOf(browser)]
      pass(14 * minute)
      expect(await statusOf(browser)).toBe(200)
      expect(cookieOf(browser)).toBe(cookie)
      pass(2 * minute)
      const response = await browser.get('/api/instances')
      expect(response.status).toBe(200)
      expect(response.headers.getSetCookie()).toHaveLength(1)
      expect(cookieOf(browser)).not.toBe(cookie)
      expect((await currentOf(browser)).id).toBe(id)
    })

    test('comes with an error too, and not with a stream', async () => {
      const browser = await signIn()
      const cookie = cookieOf(browser)
      pass(16 * minute)
      const stream = await browser.get('/api/stream')
      await stream.body!.cancel()
      expect(cookieOf(browser)).toBe(cookie)
      expect((await browser.get('/api/nothing')).status).toBe(404)
      expect(cookieOf(browser)).not.toBe(cookie)
    })

    test('of many requests at once, at two replicas, is done once, and all stay signed in', async () => {
      const browser = await signIn()
      const before = cookieOf(browser)
      pass(16 * minute)
      const tabs = Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0 ? browser : replicas.atOther(browser),
      )
      const answers = await Promise.all(tabs.map((tab) => tab.get('/api/auth/me')))
      expect(answers.map(({ status }) => status)).toEqual(tabs.map(() => 200))
      expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toHaveLength(1)
      expect(cookieOf(browser)).not.toBe(before)
      pass(2 * minute)
      expect(await Promise.all(tabs.map(statusOf))).toEqual(tabs.map(() => 200))
    })

    test('whose answer was lost is repeated as long as nobody uses the new cookie', async () => {
      const browser = await signIn()
      const lost = copyOf(browser)
      pass(16 * minute)
      expect(await statusOf(lost)).toBe(200)
      pass(5 * minute)
      const behind = cookieOf(browser)
      expect(await statusOf(replicas.atOther(browser))).toBe(200)
      expect(cookieOf(browser)).not.toBe(behind)
      pass(2 * minute)
      expect(await statusOf(browser)).toBe(200)
      // Had somebody kept the lost one, there would be two now.
      expect(await statusOf(lost)).toBe(401)
      expect(await statusOf(browser)).toBe(401)
    })

    test.each([
      ['a page', '/api/auth/me'],
      ['a stream', '/api/stream'],
    ])('whose new cookie was used for %s alone is not repeated', async (_name, path) => {
      const browser = await signIn()
      const thief = copyOf(browser)
      pass(16 * minute)
      expect(await statusOf(thief)).toBe(200)
      const used = await thief.get(path)
      expect(used.status).toBe(200)
      await used.body!.cancel()
      pass(61_000)
      expect(await statusOf(browser)).toBe(401)
      expect(await statusOf(thief)).toBe(401)
    })

    test('finds a thief out who is as busy as the person: within a renewal and a minute', async () => {
      const browser = await signIn()
      const thief = copyOf(browser)
      let aliveMinutes = 0
      for (; aliveMinutes < 60; aliveMinutes += 0.5) {
        const statuses = [await statusOf(browser), await statusOf(replicas.atOther(thief))]
        if (statuses.includes(401)) break
        pass(minute / 2)
      }
      expect(aliveMinutes).toBeLessThanOrEqual(17)
      await expect.poll(() => statusOf(browser), { timeout: 20_000 }).toBe(401)
      expect(await lastAudit()).toMatchObject({ action: 'session.reuse' })
    })

    test('#20 the cookie before it, more than a minute later, ends the session for both who have it', async () => {
      const browser = await signIn()
      const thief = copyOf(browser)
      pass(16 * minute)
      expect(await statusOf(browser)).toBe(200)
      const { id } = await currentOf(browser)
      pass(61_000)
      expect(await statusOf(replicas.atOther(thief))).toBe(401)
      await expect.poll(() => statusOf(browser), { timeout: 20_000 }).toBe(401)
      expect(await lastAudit()).toMatchObject({
        action: 'session.reuse',
        outcome: 'denied',
        actor: 'oidc:ada',
        target: { session: id },
      })
      // Once: whoever goes on trying writes no rows.
      const { seq } = await lastAudit()
      expect(await statusOf(thief)).toBe(401)
      expect((await lastAudit()).seq).toBe(seq)
    })

    test('#20 any older cookie does the same', async () => {
      const browser = await signIn()
      const thief = copyOf(browser)
      for (let times = 0; times < 3; times += 1) {
        pass(16 * minute)
        expect(await statusOf(browser)).toBe(200)
      }
      expect(await statusOf(thief)).toBe(401)
      expect(await statusOf(browser)).toBe(401)
    })

    test('POST /api/auth/refresh prolongs and renews at once, but not twice within the minute', async () => {
      const browser = await signIn()
      const first = cookieOf(browser)
      pass(5 * minute)
      const response = await browser.send('POST', '/api/auth/refresh')
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ expiresIn: 30 * 60 })
      const second = cookieOf(browser)
      expect(second).not.toBe(first)
      pass(1_000)
      expect((await browser.send('POST', '/api/auth/refresh')).status).toBe(200)
      expect(cookieOf(browser)).toBe(second)
      pass(29 * minute)
      expect(await statusOf(browser)).toBe(200)
      for (let at = 0; at < 11 * 60; at += 20) {
        expect(await statusOf(browser)).toBe(200)
        pass(20 * minute)
      }
      const late = await browser.send('POST', '/api/auth/refresh')
      expect(((await late.json()) as { expiresIn: number }).expiresIn).toBeLessThan(30 * 60)
    })
  })

  describe('the list', () => {
    test('shows a person their own sessions, and which one asks', async () => {
      const subject = 'lister'
      const [one, two] = [await signIn(subject), await signIn(subject)]
      await signIn('somebody-else')
      const { items } = SessionList.parse(await (await two.get('/api/auth/sessions')).json())
      expect(items).toHaveLength(2)
      expect(items.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
      expect(items[0]).toEqual(Session.parse(items[0]))
      expect(items.every(({ ip }) => ip?.startsWith('10.0.'))).toBe(true)
      expect((await currentOf(one)).id).not.toBe((await currentOf(two)).id)
      expect(JSON.stringify(items)).not.toContain(
        JSON.parse(atob(cookieOf(two).split('.')[1]!)).key,
      )
    })

    test('ends one on the other replica at once, and all others but the one that asks', async () => {
      const subject = 'many'
      const [one, two, three] = [
        await signIn(subject),
        await signIn(subject),
        await signIn(subject),
      ]
      const atOther = [one, two, three].map((browser) => replicas.atOther(browser))
      expect(await Promise.all(atOther.map(statusOf))).toEqual([200, 200, 200])

      const { id } = await currentOf(one)
      const startedAt = performance.now()
      expect((await three.send('DELETE', `/api/auth/sessions/${id}`)).status).toBe(204)
      await expect.poll(() => statusOf(atOther[0]!), { timeout: 20_000, interval: 10 }).toBe(401)
      expect(performance.now() - startedAt).toBeLessThan(10_000)
      expect(await lastAudit()).toMatchObject({ action: 'session.revoke', actor: 'oidc:many' })

      expect((await three.send('DELETE', '/api/auth/sessions')).status).toBe(204)
      expect(await statusOf(two)).toBe(401)
      expect(await statusOf(three)).toBe(200)
    })

    test("404 for another person's session, and for one that has ended", async () => {
      const [ada, eve] = [await signIn('ada'), await signIn('eve')]
      const { id } = await currentOf(ada)
      expect((await eve.send('DELETE', `/api/auth/sessions/${id}`)).status).toBe(404)
      expect(await statusOf(ada)).toBe(200)
      expect((await ada.send('DELETE', `/api/auth/sessions/${id}`)).status).toBe(204)
      expect(
        (await signIn('ada').then((b) => b.send('DELETE', `/api/auth/sessions/${id}`))).status,
      ).toBe(404)
    })
  })

  describe('signing out', () => {
    test("leads on to the provider's own sign-out, with the id_token as its hint", async () => {
      const browser = await signIn()
      const thief = copyOf(browser)
      const response = await browser.send('POST', '/api/auth/logout')
      expect(response.status).toBe(200)
      const { redirectTo } = SignedOut.parse(await response.json())
      const url = new URL(redirectTo!)
      expect(url.origin + url.pathname).toBe(`${identityProvider.issuer}/logout`)
      expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${hubOrigin}/login`)
      const hint = url.searchParams.get('id_token_hint')!
      expect(JSON.parse(atob(hint.split('.')[1]!))).toMatchObject({ sub: 'ada' })
      expect(browser.cookies.has(cookieName)).toBe(false)
      expect(await statusOf(thief)).toBe(401)
      // The id_token is sealed where it is kept.
      const rows = await database.db.read.select().from(database.db.tables.sessions)
      expect(rows.map(({ idTokenSealed }) => idTokenSealed).join()).not.toContain(hint)
    })

    test('at the moment of a renewal leaves no cookie behind', async () => {
      const browser = await signIn()
      pass(16 * minute)
      await browser.send('POST', '/api/auth/logout')
      expect(browser.cookies.has(cookieName)).toBe(false)
    })

    test('without a session, or twice, is no error and leads nowhere', async () => {
      const browser = replicas.here.browser()
      const response = await browser.send('POST', '/api/auth/logout')
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ redirectTo: null })
    })
  })

  describe('back-channel logout', () => {
    const post = (token: string | readonly string[], headers: Record<string, string> = {}) =>
      replicas.there.app.request(`${hubOrigin}/api/auth/backchannel-logout/oidc`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          host: new URL(hubOrigin).host,
          ...headers,
        },
        body: new URLSearchParams([token].flat().map((each) => ['logout_token', each])),
      })
    const logoutToken = (
      named: { sub?: string; sid?: string },
      change: (claims: Record<string, unknown>) => Record<string, unknown> = (claims) => claims,
    ) =>
      identityProvider.createLogoutToken(({ sub: _, sid: __, ...claims }) =>
        change({ ...claims, ...named }),
      )
    const signInAs = async (sub: string, sid?: string) => {
      const browser = replicas.here.browser()
      identityProvider.answers.claims = (claims) => ({ ...claims, sub, ...(sid && { sid }) })
      const url = await browser.startLogin()
      await browser.finishLogin(identityProvider.authorize(url))
      identityProvider.beHonest()
      return browser
    }

    test('ends the sessions of a subject on both replicas, streams included, and nobody else’s', async () => {
      const [one, two] = [await signInAs('leaving'), await signInAs('leaving', 'sid-1')]
      const stays = await signInAs('staying')
      const streams = await Promise.all(
        [one, replicas.atOther(two)].map(async (browser) => {
          const response = await browser.get('/api/stream')
          return readEvents(response)
        }),
      )
      const startedAt = performance.now()
      const response = await post(await logoutToken({ sub: 'leaving' }))
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toBe('no-store')
      await Promise.all(streams.map(({ ended }) => ended))
      expect(performance.now() - startedAt).toBeLessThan(10_000)
      await expect.poll(() => statusOf(one), { timeout: 20_000 }).toBe(401)
      expect(await statusOf(replicas.atOther(two))).toBe(401)
      expect(await statusOf(stays)).toBe(200)
      const row = (await selectAuditRows(database.db, 20)).find(
        ({ action }) => action === 'auth.backchannel-logout',
      )
      expect(row).toMatchObject({ actor: 'provider:oidc', target: { subject: 'leaving' } })
    })

    test("ends the session that came of the provider's own one, by its sid", async () => {
      const [one, two] = [await signInAs('both', 'sid-a'), await signInAs('both', 'sid-b')]
      const token = await logoutToken({ sub: 'both', sid: 'sid-a' })
      expect((await post(token)).status).toBe(200)
      await expect.poll(() => statusOf(one), { timeout: 20_000 }).toBe(401)
      expect(await statusOf(two)).toBe(200)
      expect((await post(await logoutToken({ sid: 'sid-b' }))).status).toBe(200)
      await expect.poll(() => statusOf(two), { timeout: 20_000 }).toBe(401)
    })

    test.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
      ['a nonce', (claims) => ({ ...claims, nonce: 'n' })],
      ['no events', ({ events: _, ...claims }) => claims],
      ['another event', (claims) => ({ ...claims, events: { 'https://example.com/other': {} } })],
      ['another audience', (claims) => ({ ...claims, aud: 'another-client' })],
      ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.example.com' })],
      ['no sub and no sid', ({ sub: _, ...claims }) => claims],
      ['no jti', ({ jti: _, ...claims }) => claims],
      ['an iat of yesterday', (claims) => ({ ...claims, iat: Number(claims['iat']) - 86_400 })],
    ])('#25 400 for a logout token with %s, and nobody is signed out', async (_name, change) => {
      const browser = await signInAs('target')
      const token = await logoutToken({ sub: 'target' }, change)
      const response = await post(token)
      expect(response.status).toBe(400)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.json()).toMatchObject({ error: 'invalid_request' })
      expect(await statusOf(browser)).toBe(200)
    })

    test('#25 400 for one of another key, an id_token, two at once, none, and another media type', async () => {
      const browser = await signInAs('target')
      const good = await logoutToken({ sub: 'target' })
      const other = await signInAs('other')
      const signOut = SignedOut.parse(await (await other.send('POST', '/api/auth/logout')).json())
      const idToken = new URL(signOut.redirectTo!).searchParams.get('id_token_hint')!
      identityProvider.answers.forgedSignature = true
      const forged = await logoutToken({ sub: 'target' })
      for (const token of [forged, idToken, [good, good], []]) {
        expect((await post(token)).status).toBe(400)
      }
      expect((await post(good, { 'content-type': 'application/json' })).status).toBe(400)
      expect(await statusOf(browser)).toBe(200)
    })

    test('#25 400 for one that was used before, at either replica', async () => {
      const token = await logoutToken({ sub: 'again' })
      expect((await post(token)).status).toBe(200)
      const browser = await signInAs('again')
      expect((await post(token)).status).toBe(400)
      const here = await replicas.here.app.request(
        `${hubOrigin}/api/auth/backchannel-logout/oidc`,
        { method: 'POST', body: new URLSearchParams({ logout_token: token }) },
      )
      expect(here.status).toBe(400)
      expect(await statusOf(browser)).toBe(200)
    })

    test('400 for a provider that is not enabled', async () => {
      const response = await replicas.here.app.request(
        `${hubOrigin}/api/auth/backchannel-logout/github`,
        { method: 'POST', body: new URLSearchParams({ logout_token: 'x' }) },
      )
      expect(response.status).toBe(400)
    })
  })

  describe('configuration', () => {
    const startThird = (env: Record<string, string>) =>
      startHub({ db: database.db, identityProvider, env })

    test('a provider that is no longer enabled vouches for nobody', async () => {
      const browser = await signIn()
      const third = await startThird({ ENABLED_AUTH_PROVIDERS: '' })
      try {
        expect(await statusOf(third.browser(undefined, browser.cookies))).toBe(401)
        expect(await statusOf(browser)).toBe(200)
      } finally {
        await third.stop()
      }
    })

    test('a secret behind a newer one still opens, and the cookie moves on; one that was taken out does not', async () => {
      const browser = await signIn()
      const newer = '9c1185a5c5e9fc54612808977ee8f548b2258d31'
      const [rotated, replaced] = [
        await startThird({ SESSION_SECRET: `${newer},${secret}` }),
        await startThird({ SESSION_SECRET: newer }),
      ]
      try {
        expect(await statusOf(replaced.browser(undefined, new Map(browser.cookies)))).toBe(401)
        const moving = rotated.browser(undefined, browser.cookies)
        expect(await statusOf(moving)).toBe(200)
        for (const hub of [rotated, replaced]) hub.advance(16 * minute)
        pass(16 * minute)
        expect(await statusOf(moving)).toBe(200)
        expect(await statusOf(replaced.browser(undefined, moving.cookies))).toBe(200)
        expect(await statusOf(replicas.here.browser(undefined, moving.cookies))).toBe(401)
      } finally {
        await Promise.all([rotated.stop(), replaced.stop()])
      }
    })
  })

  describe('what is sensitive', () => {
    const kubeconfig = { kubeconfig: 'no kubeconfig' }
    const put = (browser: Browser) => browser.send('PUT', '/api/admin/credentials/prod', kubeconfig)

    test('takes a sign-in of the last 15 minutes', async () => {
      const browser = await signIn('root')
      expect((await put(browser)).status).toBe(422)
      pass(15 * minute + 1_000)
      for (const response of [
        await put(browser),
        await browser.send('DELETE', '/api/admin/credentials/prod'),
      ]) {
        expect(response.status).toBe(401)
        expect(await response.json()).toMatchObject({ code: 'reauthentication-required' })
      }
      expect(await statusOf(browser)).toBe(200)
      const url = await browser.startLogin('?prompt=login&return_to=/admin')
      expect(url.searchParams.get('prompt')).toBe('login')
      identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'root' })
      // The provider's clock does not move with the hub's.
      passed = 0
      replicas.advance(-(15 * minute + 1_000))
      const callback = await browser.finishLogin(identityProvider.authorize(url))
      expect(callback.headers.get('location')).toBe(`${hubOrigin}/admin`)
      expect((await put(browser)).status).toBe(422)
    })

    test('is not open to who came back without proving anything again', async () => {
      const browser = replicas.here.browser()
      const longAgo = Math.floor(Date.now() / 1000) - 3_600
      identityProvider.answers.claims = (claims) => ({
        ...claims,
        sub: 'root',
        auth_time: longAgo,
      })
      await browser.finishLogin(identityProvider.authorize(await browser.startLogin()))
      expect((await put(browser)).status).toBe(401)
      expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
        authenticatedAt: new Date(longAgo * 1000).toISOString(),
      })
    })
  })
})
