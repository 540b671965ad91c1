import { randomUUID } from 'node:crypto'
import { User, UserList } from '@hub/shared'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { readEvents } from '../../test/event-stream.ts'
import type { Browser } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../test/replicas.ts'

describe.each(databases)('people on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let replicas: Replicas
  let admin: Browser
  const users = '/api/admin/users'

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      env: { HUB_ADMINS: 'oidc:root,oidc:second' },
    })
    admin = await signIn('root')
  })
  afterAll(async () => {
    await replicas.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  const signIn = async (subject: string) => {
    const browser = replicas.here.browser()
    expect((await browser.signIn(subject)).status).toBe(303)
    return browser
  }
  const statusOf = async (browser: Browser) => (await browser.get('/api/auth/me')).status
  const search = async (query: string, as: Browser = admin) => {
    const response = await as.get(`${users}?${query}`)
    expect(response.status).toBe(200)
    return UserList.parse(await response.json())
  }
  const find = async (subject: string) => {
    const { items } = await search(`q=oidc:${subject}`)
    return items.find(({ identities }) => identities.some((each) => each.subject === subject))!
  }
  const get = async (id: string) => User.parse(await (await admin.get(`${users}/${id}`)).json())
  const post = (path: string, body?: unknown, as: Browser = admin) =>
    as.send('POST', `${users}/${path}`, body)
  const audit = async (action: string) =>
    (await selectAuditRows(database.db, 20)).find((row) => row.action === action)
  const openStream = async (browser: Browser) => {
    const response = await browser.get('/api/stream')
    expect(response.status).toBe(200)
    return readEvents(response)
  }
  const grant = (userId: string, more: Record<string, unknown> = {}) =>
    database.db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.grants).values({
        id: randomUUID(),
        userId,
        servicePrincipalId: null,
        role: 'viewer',
        instanceId: 'prod',
        namespaces: null,
        source: 'manual',
        endsAt: null,
        createdAt: new Date(),
        createdBy: 'test',
        ...more,
      })
      await tx.announce({ topic: 'grants', subject: userId })
    })

  test('a name that was kept before names were cleaned turns no lines', async () => {
    await signIn('mallory')
    const { id } = await find('mallory')
    const { users: table } = database.db.tables
    await database.db.transaction(({ queries }) =>
      queries
        .update(table)
        .set({ displayName: 'Mallory \u202Enimda' })
        .where(eq(table.id, id))
        .execute(),
    )
    expect((await get(id)).displayName).toBe('Mallory nimda')
  })

  test('are for administrators alone: 401, 403 with an audit row, 404 for one that is not there', async () => {
    const paths: ['GET' | 'POST' | 'DELETE', string][] = [
      ['GET', ''],
      ['GET', '/:id'],
      ['GET', '/:id/sessions'],
      ['DELETE', '/:id/sessions'],
      ['DELETE', `/:id/sessions/${randomUUID()}`],
      ['POST', '/:id/disable'],
      ['POST', '/:id/enable'],
      ['POST', '/:id/identities'],
      ['DELETE', `/:id/identities/${randomUUID()}`],
    ]
    const eve = await signIn('eve')
    const ask = (browser: Browser, [method, path]: (typeof paths)[number], id: string) =>
      browser.request(`${users}${path.replace(':id', id)}`, {
        method,
        ...(path.endsWith('identities') && {
          body: JSON.stringify({ identityId: randomUUID() }),
          headers: { 'content-type': 'application/json' },
        }),
      })
    const { id } = await find('root')
    for (const path of paths) {
      expect([path, (await ask(replicas.here.browser(), path, id)).status]).toEqual([path, 401])
      expect([path, (await ask(eve, path, id)).status]).toEqual([path, 403])
    }
    expect(await audit('access.denied')).toMatchObject({ actor: 'oidc:eve' })
    for (const path of paths.slice(1)) {
      const { status } = await ask(admin, path, randomUUID())
      const isList = path[1].endsWith('sessions')
      expect([path, status]).toEqual([path, isList ? (path[0] === 'GET' ? 200 : 204) : 404])
    }
  })

  test('are listed by name, page by page, and found by name, e-mail and principal', async () => {
    for (const subject of ['page-a', 'Page-B', 'page-c', 'page_d']) await signIn(subject)
    const first = await search('q=PAGE&limit=2')
    expect(first.items.map(({ displayName }) => displayName)).toEqual(['page-a', 'Page-B'])
    expect(first.total).toBe(4)
    const second = await search(`q=PAGE&limit=2&cursor=${first.next}`)
    expect(second.items.map(({ displayName }) => displayName)).toEqual(['page-c', 'page_d'])
    expect(second.next).toBeNull()
    expect((await search('q=oidc:page-c')).items).toHaveLength(1)
    expect((await search('q=page_')).items).toHaveLength(1)
    expect((await search('q=%25')).items).toHaveLength(0)
    await signIn('Özlem')
    expect((await search(`q=${encodeURIComponent('Özl')}`)).items).toHaveLength(1)
    expect((await search('q=ADA@example')).total).toBeGreaterThan(3)
    expect((await find('root')).isAdministrator).toBe(true)
    expect((await find('page-a')).isAdministrator).toBe(false)
    const response = await admin.get(`${users}?cursor=nonsense`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '?cursor' }] })
  })

  test('who are disabled while they sign in or make a token get neither, also once they are enabled again', async () => {
    const browser = await signIn('racing')
    const { id } = await find('racing')
    const { users: table } = database.db.tables
    const { promise: held, resolve: hold } = Promise.withResolvers<void>()
    const setDisabled = (disabledAt: Date | null, wait?: Promise<void>) =>
      database.db.transaction(async ({ queries }) => {
        await queries.update(table).set({ disabledAt }).where(eq(table.id, id))
        hold()
        await wait
      })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const disabling = setDisabled(new Date(), released)
    await held
    const racing = [
      replicas.here.browser().signIn('racing'),
      browser.send('POST', '/api/auth/tokens', {
        name: 'ci',
        roleCeiling: 'viewer',
        expiresInDays: 1,
      }),
    ]
    // Time for both to look, and to wait for the change to be over; one that comes later is refused alike.
    await new Promise((resolve) => setTimeout(resolve, 300))
    release()
    await disabling
    const [signedIn, made] = await Promise.all(racing)
    expect([signedIn!.status, made!.status]).toEqual([403, 401])
    await setDisabled(null)
    const { apiTokens, sessions } = database.db.tables
    expect(await database.db.read.$count(sessions, eq(sessions.userId, id))).toBe(1)
    expect(await database.db.read.$count(apiTokens, eq(apiTokens.userId, id))).toBe(0)
  })

  test('who are disabled lose sessions, streams and tokens on both replicas within two seconds', async () => {
    const browsers = [await signIn('leaver'), await signIn('leaver')]
    const there = browsers.map((browser) => replicas.atOther(browser))
    const bystander = await signIn('bystander')
    const streams = await Promise.all([...browsers, ...there].map(openStream))
    const kept = await openStream(bystander)
    const { id } = await find('leaver')
    await database.db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.apiTokens).values({
        id: `token-${dialect}`,
        secretHash: 'x',
        userId: id,
        name: 'ci',
        roleCeiling: 'viewer',
        instanceIds: null,
        createdAt: new Date(),
        expiresAt: new Date(Date.now() + 86_400_000),
        lastUsedAt: null,
        revokedAt: null,
        revokeReason: null,
      })
    })

    const startedAt = performance.now()
    const response = await post(`${id}/disable`)
    expect(response.status).toBe(200)
    expect(User.parse(await response.json()).disabledAt).not.toBeNull()
    expect(await Promise.all(browsers.map(statusOf))).toEqual([401, 401])
    await Promise.all(streams.map(({ ended }) => ended))
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await expect.poll(() => Promise.all(there.map(statusOf))).toEqual([401, 401])
    expect(performance.now() - startedAt).toBeLessThan(10_000)

    expect(await statusOf(bystander)).toBe(200)
    await kept.close()
    expect(await audit('user.disable')).toMatchObject({
      actor: 'oidc:root',
      target: { userId: id, principals: ['oidc:leaver'] },
      after: { sessions: 2, tokens: 1 },
    })
    expect((await replicas.there.browser().signIn('leaver')).status).toBe(403)
    expect((await search('status=disabled')).items.map((user) => user.id)).toEqual([id])

    // Let in again, they sign in anew: what was ended stays so.
    expect((await post(`${id}/enable`)).status).toBe(200)
    expect(await Promise.all(browsers.map(statusOf))).toEqual([401, 401])
    await signIn('leaver')
    expect((await post(`${id}/enable`)).status).toBe(200)
  })

  test('lose one session, its streams included, and all of them, when an administrator says so', async () => {
    const [one, two] = [await signIn('watched'), await signIn('watched')]
    const { id } = await find('watched')
    const { items } = (await (await admin.get(`${users}/${id}/sessions`)).json()) as {
      items: { id: string; isCurrent: boolean }[]
    }
    expect(items.map(({ isCurrent }) => isCurrent)).toEqual([false, false])
    const own = (await (await one.get('/api/auth/sessions')).json()) as typeof items
    const current = (own as unknown as { items: typeof items }).items.find((s) => s.isCurrent)!
    const stream = await openStream(replicas.atOther(one))
    const startedAt = performance.now()
    const path = `${users}/${id}/sessions/${current.id}`
    expect((await admin.send('DELETE', path)).status).toBe(204)
    await stream.ended
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(await statusOf(one)).toBe(401)
    expect(await statusOf(two)).toBe(200)
    expect((await admin.send('DELETE', path)).status).toBe(404)
    expect((await admin.send('DELETE', `${users}/${id}/sessions`)).status).toBe(204)
    expect(await statusOf(two)).toBe(401)
    expect(await audit('session.revoke')).toMatchObject({ actor: 'oidc:root' })
  })

  test('who lost a grant see it in open streams at once, on the other replica too', async () => {
    const browser = await signIn('granted')
    const { id } = await find('granted')
    await grant(id)
    const stream = await openStream(replicas.atOther(browser))
    await database.db.transaction(async (tx) => {
      await tx.queries.delete(tx.tables.grants)
      await tx.announce({ topic: 'grants', subject: id })
    })
    await expect
      .poll(() => stream.events.map(({ type }) => type), { timeout: 20_000 })
      .toContain('reset')
    await stream.close()
  })

  test('409 for disabling oneself and the last administrator, whoever asks', async () => {
    const self = await post(`${(await find('root')).id}/disable`)
    expect(self.status).toBe(409)
    expect(await self.json()).toMatchObject({
      detail: expect.stringContaining('You cannot disable yourself'),
    })

    // "second" is configured and never seen: they count, until they are disabled.
    const second = await signIn('second')
    const [root, other] = [await find('root'), await find('second')]
    const both = await Promise.all([
      post(`${other.id}/disable`),
      post(`${root.id}/disable`, undefined, replicas.atOther(second)),
    ])
    // One of them was first, whichever; the other was an administrator no more, or the last.
    const statuses = both.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses[0]).toBe(200)
    expect([401, 403, 409]).toContain(statuses[1])
    const isRootOut = both[1].status === 200
    const [in_, out] = isRootOut ? [second, root] : [admin, other]
    expect((await post(`${out.id}/enable`, undefined, in_)).status).toBe(200)
    if (isRootOut) admin = await signIn('root')
  })

  describe('with several identities', () => {
    test('are two until an administrator says that they are one: the same e-mail joins nobody', async () => {
      const [work, home] = [await signIn('work'), await signIn('home')]
      const [target, source] = [await find('work'), await find('home')]
      expect(target.email).toBe(source.email)
      expect(target.id).not.toBe(source.id)
      await grant(target.id, { instanceId: 'shared-by-both' })
      await grant(source.id, { instanceId: 'shared-by-both' })
      await grant(source.id, { instanceId: 'homes-alone' })
      await grant(source.id, { instanceId: 'by-group', source: 'group' })

      const stream = await openStream(replicas.atOther(home))
      const [identity] = source.identities
      const response = await post(`${target.id}/identities`, { identityId: identity!.id })
      expect(response.status).toBe(200)
      const { identities } = User.parse(await response.json())
      expect(identities.map(({ subject }) => subject)).toEqual(['work', 'home'])
      await stream.ended
      expect(await statusOf(home)).toBe(401)
      expect(await statusOf(work)).toBe(200)
      expect((await admin.get(`${users}/${source.id}`)).status).toBe(404)
      expect(await audit('user.link')).toMatchObject({
        target: { userId: target.id, principal: 'oidc:home' },
        before: { userId: source.id },
        after: { isOtherRemoved: true, groupGrantsEnded: 1, grantsMoved: [expect.any(String)] },
      })

      const me = async (browser: Browser) =>
        (await (await browser.get('/api/auth/me')).json()) as { grants: { instanceId: string }[] }
      const again = await signIn('home')
      const held = (await me(again)).grants.map(({ instanceId }) => instanceId).toSorted()
      expect(held).toEqual(['homes-alone', 'shared-by-both'])
      expect((await me(work)).grants).toHaveLength(2)
      expect((await find('home')).id).toBe(target.id)
      // Again is no error.
      expect((await post(`${target.id}/identities`, { identityId: identity!.id })).status).toBe(200)
    })

    test('are parted again, and the new person holds nothing', async () => {
      const home = await signIn('home')
      const { id, identities } = await find('home')
      const identity = identities.find(({ subject }) => subject === 'home')!
      const path = `${users}/${id}/identities/${identity.id}`
      const response = await admin.send('DELETE', path)
      expect(response.status).toBe(200)
      const parted = User.parse(await response.json())
      expect(parted.id).not.toBe(id)
      expect(parted.identities).toHaveLength(1)
      expect(await statusOf(home)).toBe(401)
      const again = await signIn('home')
      expect(await (await again.get('/api/auth/me')).json()).toMatchObject({ grants: [] })
      expect((await get(id)).identities).toHaveLength(1)
      expect(await audit('user.unlink')).toMatchObject({ after: { userId: parted.id } })
      // The only way in is not taken away.
      const only = `${users}/${parted.id}/identities/${identity.id}`
      expect((await admin.send('DELETE', only)).status).toBe(409)
      expect((await admin.send('DELETE', path)).status).toBe(404)
    })

    test('nobody who is disabled comes in through being joined or parted', async () => {
      for (const subject of ['kept-out', 'kept-in']) await signIn(subject)
      const [out, in_] = [await find('kept-out'), await find('kept-in')]
      expect((await post(`${out.id}/disable`)).status).toBe(200)
      const link = (to: User, from: User) =>
        post(`${to.id}/identities`, { identityId: from.identities[0]!.id })
      expect((await link(in_, out)).status).toBe(409)
      expect((await link(out, in_)).status).toBe(409)
      expect((await post(`${out.id}/enable`)).status).toBe(200)
      expect((await link(out, in_)).status).toBe(200)
      expect((await post(`${out.id}/disable`)).status).toBe(200)
      const path = `${users}/${out.id}/identities/${in_.identities[0]!.id}`
      const parted = User.parse(await (await admin.send('DELETE', path)).json())
      expect(parted.disabledAt).not.toBeNull()
      expect((await replicas.here.browser().signIn('kept-in')).status).toBe(403)
    })
  })

  test('are changed only by who has signed in within 15 minutes', async () => {
    await signIn('late-target')
    const { id, identities } = await find('late-target')
    const late = await signIn('root')
    replicas.advance(15 * 60_000 + 1_000)
    try {
      for (const response of [
        await post(`${id}/disable`, undefined, late),
        await post(`${id}/enable`, undefined, late),
        await post(`${id}/identities`, { identityId: identities[0]!.id }, late),
        await late.send('DELETE', `${users}/${id}/identities/${identities[0]!.id}`),
        await late.send('DELETE', `${users}/${id}/sessions`),
      ]) {
        expect(response.status).toBe(401)
        expect(await response.json()).toMatchObject({ code: 'reauthentication-required' })
      }
      expect((await late.get(`${users}/${id}`)).status).toBe(200)
    } finally {
      replicas.advance(-(15 * 60_000 + 1_000))
    }
  })
})
