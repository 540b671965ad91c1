import { randomUUID } from 'node:crypto'
import {
  AccessRequest,
  AccessRequestList,
  AccessRequestOfUser,
  AccessRequestPage,
  GrantOriginList,
} from '@hub/shared'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { databases, type TestDatabase } from '../../../test/databases.ts'
import { readEvents } from '../../../test/event-stream.ts'
import { hubOrigin, type Browser } from '../../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../../test/odd-identity-provider.ts'
import { startReplicas, type Replicas } from '../../../test/replicas.ts'
import { startTokenIssuer, type TokenIssuer } from '../../../test/token-issuer.ts'
import { deadKubeconfig } from '../../../test/kubeconfigs.ts'

const own = '/api/access-requests'
const all = '/api/admin/access-requests'
const asked = {
  role: 'deployer',
  instanceId: 'prod-east',
  namespaces: ['ml-team'],
  reason: 'the demo on Friday',
  minutes: 60,
}

const soon = { timeout: 20_000 }

describe.each(databases)('access requests on $dialect', ({ dialect, open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let issuer: TokenIssuer
  let replicas: Replicas
  let admin: Browser
  let other: Browser

  beforeAll(async () => {
    ;[database, identityProvider, issuer] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startTokenIssuer(),
    ])
    replicas = await startReplicas({
      dialect,
      database,
      identityProvider,
      env: {
        HUB_ADMINS: 'oidc:root,oidc:boss',
        HUB_ALLOW_INSECURE_TLS: 'true',
        JWT_ISSUERS: `${issuer.issuer};hub`,
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:vera', role: 'viewer' },
          { principal: 'oidc:vera', role: 'deployer', instanceId: 'prod-east' },
        ]),
      },
      credentials: { 'prod-east': deadKubeconfig },
    })
    admin = await signIn('root')
    other = await signIn('boss')
  })
  afterAll(async () => {
    await replicas.stop()
    await issuer.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  const signIn = async (subject: string) => {
    const browser = replicas.here.browser()
    expect((await browser.signIn(subject)).status).toBe(303)
    return browser
  }
  const userIdOf = async (subject: string) => {
    const rows = await database.db.read.select().from(database.db.tables.identities)
    return rows.find(({ principal }) => principal === `oidc:${subject}`)!.userId
  }
  const askFor = async (browser: Browser, input: unknown = asked) => {
    const response = await browser.send('POST', own, input)
    expect(response.status).toBe(201)
    return AccessRequest.parse(await response.json())
  }
  const approve = async (id: string, input: unknown = {}, by: Browser = admin) => {
    const response = await by.send('POST', `${all}/${id}/approve`, input)
    expect(response.status).toBe(200)
    return AccessRequestOfUser.parse(await response.json())
  }
  const ownOf = async (browser: Browser) =>
    AccessRequestList.parse(await (await browser.get(own)).json()).items
  const page = async (query = '') => {
    const response = await admin.get(`${all}${query}`)
    expect(response.status).toBe(200)
    return AccessRequestPage.parse(await response.json())
  }
  const detailOf = async (response: Response) =>
    ((await response.json()) as { detail: string }).detail
  const countRows = async () => {
    const { accessRequests, auditLog, grants } = database.db.tables
    const { read } = database.db
    return {
      requests: await read.$count(accessRequests),
      grants: await read.$count(grants),
      audit: await read.$count(auditLog),
    }
  }
  const audit = async (action: string) =>
    (await selectAuditRows(database.db, 20)).find((row) => row.action === action)

  test('401 for nobody, 403 for who does not administer, who leave nothing but an audit row', async () => {
    const nobody = replicas.here.browser()
    const vera = await signIn('vera')
    const id = randomUUID()
    const before = await countRows()
    expect((await nobody.get(own)).status).toBe(401)
    expect((await nobody.send('POST', own, asked)).status).toBe(401)
    expect((await nobody.send('DELETE', `${own}/${id}`)).status).toBe(401)
    for (const [method, path, body] of [
      ['GET', all, undefined],
      ['POST', `${all}/${id}/approve`, {}],
      ['POST', `${all}/${id}/refuse`, { reason: 'no' }],
      ['GET', '/api/admin/groups', undefined],
    ] as const) {
      const ask = (browser: Browser) =>
        method === 'GET' ? browser.get(path) : browser.send(method, path, body)
      expect([path, (await ask(nobody)).status]).toEqual([path, 401])
      expect([path, (await ask(vera)).status]).toEqual([path, 403])
    }
    expect(await countRows()).toEqual({ ...before, audit: before.audit + 4 })
  })

  test('403 for a program: this is for people', async () => {
    const token = await issuer.sign()
    const before = await countRows()
    const response = await replicas.here.app.request(`${hubOrigin}${own}`, {
      method: 'POST',
      headers: {
        host: new URL(hubOrigin).host,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(asked),
    })
    expect(response.status).toBe(403)
    expect(await detailOf(response)).toContain('for people')
    expect((await countRows()).requests).toBe(before.requests)
  })

  test('are approved for a time, give what was asked for on both replicas, and end; audited', async () => {
    const ann = await signIn('ann')
    const there = replicas.atOther(ann)
    const userId = await userIdOf('ann')
    expect((await ann.get('/api/instances/prod-east')).status).toBe(404)
    const made = await askFor(ann)
    expect(made).toMatchObject({ ...asked, state: 'waiting', decidedAt: null, endsAt: null })
    expect(await audit('access-request.create')).toMatchObject({
      actor: 'oidc:ann',
      target: { accessRequestId: made.id, userId },
      after: asked,
    })
    const waiting = await page()
    expect(waiting.items).toMatchObject([
      {
        id: made.id,
        hasInstance: true,
        isOwn: false,
        user: { id: userId, displayName: 'ann', principals: ['oidc:ann'] },
      },
    ])
    expect(waiting).toMatchObject({ total: 1, waiting: 1, next: null })

    const approved = await approve(made.id, { minutes: 20, reason: 'fine' })
    const endsAt = Date.parse(approved.endsAt!)
    expect(endsAt - Date.parse(approved.decidedAt!)).toBe(20 * 60_000)
    expect(approved).toMatchObject({
      state: 'approved',
      decisionReason: 'fine',
      decidedBy: 'oidc:root',
      decidedByName: 'root',
    })
    expect(await audit('access-request.approve')).toMatchObject({
      actor: 'oidc:root',
      target: { accessRequestId: made.id, userId, principals: ['oidc:ann'] },
      before: { ...asked, state: 'waiting' },
      after: { state: 'approved', grantId: approved.grantId, endsAt: approved.endsAt },
    })
    expect((await ann.get('/api/instances/prod-east')).status).toBe(200)
    await expect
      .poll(async () => (await there.get('/api/instances/prod-east')).status, { timeout: 20_000 })
      .toBe(200)
    const { items } = GrantOriginList.parse(
      await (await admin.get(`/api/admin/users/${userId}/roles`)).json(),
    )
    expect(items).toMatchObject([
      {
        id: approved.grantId,
        source: 'request',
        createdBy: 'oidc:root',
        endsAt: approved.endsAt,
        isActive: true,
      },
    ])
    const effective = await admin.get(
      `/api/admin/effective-access?user=${userId}&instance=prod-east&namespace=ml-team&permission=deployment.create`,
    )
    expect(await effective.json()).toMatchObject({
      decisions: [{ isAllowed: true, grants: [approved.grantId] }],
    })

    replicas.advance(21 * 60_000)
    try {
      expect((await ann.get('/api/instances/prod-east')).status).toBe(404)
      expect(await ownOf(ann)).toMatchObject([{ id: made.id, state: 'ended' }])
    } finally {
      replicas.advance(-21 * 60_000)
    }
  })

  test('that were approved end when the grant is taken back', async () => {
    const bob = await signIn('bob')
    const made = await askFor(bob)
    const { endsAt, grantId } = await approve(made.id)
    const path = `/api/admin/users/${await userIdOf('bob')}/roles/${grantId}`
    expect((await admin.send('DELETE', path)).status).toBe(204)
    const [ended] = await ownOf(bob)
    expect(ended).toMatchObject({ state: 'ended' })
    expect(Date.parse(ended!.endsAt!)).toBeLessThan(Date.parse(endsAt!))
    expect((await bob.get('/api/instances/prod-east')).status).toBe(404)
  })

  test('are refused with a reason, and not decided twice', async () => {
    const cleo = await signIn('cleo')
    const made = await askFor(cleo)
    expect((await admin.send('POST', `${all}/${made.id}/refuse`, {})).status).toBe(400)
    const before = await countRows()
    const response = await admin.send('POST', `${all}/${made.id}/refuse`, { reason: 'not now' })
    expect(AccessRequestOfUser.parse(await response.json())).toMatchObject({
      state: 'refused',
      decisionReason: 'not now',
      grantId: null,
    })
    expect(await ownOf(cleo)).toMatchObject([{ state: 'refused', decisionReason: 'not now' }])
    expect(await audit('access-request.refuse')).toMatchObject({
      target: { accessRequestId: made.id },
      after: { state: 'refused', reason: 'not now' },
    })
    for (const [path, body] of [
      ['approve', {}],
      ['refuse', { reason: 'again' }],
    ] as const) {
      expect((await admin.send('POST', `${all}/${made.id}/${path}`, body)).status).toBe(409)
    }
    expect((await cleo.send('DELETE', `${own}/${made.id}`)).status).toBe(409)
    expect(await countRows()).toEqual({ ...before, audit: before.audit + 1 })
    expect((await admin.send('POST', `${all}/${randomUUID()}/approve`, {})).status).toBe(404)
  })

  test('are withdrawn by who made them and by nobody else', async () => {
    const dora = await signIn('dora')
    const eric = await signIn('eric')
    const made = await askFor(dora)
    expect((await eric.send('DELETE', `${own}/${made.id}`)).status).toBe(404)
    expect((await admin.send('DELETE', `${own}/${made.id}`)).status).toBe(404)
    expect(await ownOf(eric)).toEqual([])
    expect((await dora.send('DELETE', `${own}/${made.id}`)).status).toBe(204)
    expect(await ownOf(dora)).toMatchObject([{ state: 'withdrawn' }])
    expect(await audit('access-request.withdraw')).toMatchObject({ actor: 'oidc:dora' })
    expect((await dora.send('DELETE', `${own}/${made.id}`)).status).toBe(409)
    expect((await admin.send('POST', `${all}/${made.id}/approve`, {})).status).toBe(409)
  })

  test('for an instance that does not exist are taken alike, and refused where they are decided', async () => {
    const fay = await signIn('fay')
    const made = await askFor(fay, { ...asked, instanceId: 'nowhere' })
    expect(made).toMatchObject({ state: 'waiting', instanceId: 'nowhere' })
    const found = (await page()).items.find(({ id }) => id === made.id)
    expect(found).toMatchObject({ hasInstance: false })
    const before = await countRows()
    const response = await admin.send('POST', `${all}/${made.id}/approve`, {})
    expect(response.status).toBe(409)
    expect(await detailOf(response)).toContain('no instance "nowhere"')
    expect(await countRows()).toEqual(before)
    expect((await fay.send('DELETE', `${own}/${made.id}`)).status).toBe(204)
  })

  test('409 for what waits already, is held already, or is the eleventh', async () => {
    const gus = await signIn('gus')
    const made = await askFor(gus)
    const again = await gus.send('POST', own, { ...asked, reason: 'please' })
    expect(again.status).toBe(409)
    expect(await detailOf(again)).toContain('already')
    for (let count = 1; count < 10; count += 1) {
      await askFor(gus, { ...asked, namespaces: [`n${count}`] })
    }
    const eleventh = await gus.send('POST', own, { ...asked, namespaces: ['n10'] })
    expect(eleventh.status).toBe(409)
    expect(await detailOf(eleventh)).toContain('Withdraw one')
    for (const { id } of await ownOf(gus)) {
      expect((await gus.send('DELETE', `${own}/${id}`)).status).toBe(204)
    }
    expect((await askFor(gus)).id).not.toBe(made.id)

    const vera = await signIn('vera')
    for (const held of [
      { ...asked, role: 'viewer' },
      asked,
      { ...asked, role: 'viewer', instanceId: undefined, namespaces: undefined },
    ]) {
      const response = await vera.send('POST', own, held)
      expect(response.status).toBe(409)
      expect(await detailOf(response)).toContain('already, with no end date')
    }
    await askFor(vera, { ...asked, namespaces: ['kube-system'] })
    await askFor(vera, { ...asked, role: 'admin', instanceId: undefined, namespaces: undefined })
  })

  test.each([
    ['no reason', { ...asked, reason: ' ' }, '/reason'],
    ['too short a time', { ...asked, minutes: 14 }, '/minutes'],
    ['too long a time', { ...asked, minutes: 129_601 }, '/minutes'],
    ['admin somewhere', { ...asked, role: 'admin' }, '/role'],
    ['what is not asked', { ...asked, state: 'approved' }, '/state'],
  ])('400 for %s', async (_name, input, pointer) => {
    const before = await countRows()
    const response = await admin.send('POST', own, input)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
    expect(await countRows()).toEqual(before)
  })

  test('nobody decides on their own, for longer than asked, late, or for the disabled', async () => {
    const mine = await askFor(other, { ...asked, role: 'viewer' })
    const before = await countRows()
    for (const [path, body] of [
      ['approve', {}],
      ['refuse', { reason: 'me' }],
    ] as const) {
      const response = await other.send('POST', `${all}/${mine.id}/${path}`, body)
      expect(response.status).toBe(403)
      expect(await detailOf(response)).toContain('You cannot decide your own request')
    }
    expect(await countRows()).toEqual({ ...before, audit: before.audit + 2 })

    const hal = await signIn('hal')
    const made = await askFor(hal)
    const longer = await admin.send('POST', `${all}/${made.id}/approve`, { minutes: 61 })
    expect(longer.status).toBe(400)
    expect(await longer.json()).toMatchObject({ errors: [{ pointer: '/minutes' }] })

    const user = `/api/admin/users/${await userIdOf('hal')}`
    expect((await admin.send('POST', `${user}/disable`)).status).toBe(200)
    const disabled = await admin.send('POST', `${all}/${made.id}/approve`, {})
    expect(disabled.status).toBe(409)
    expect(await detailOf(disabled)).toContain('hal is disabled')
    expect((await admin.send('POST', `${user}/enable`)).status).toBe(200)
    expect((await approve(made.id)).state).toBe('approved')

    const ida = await signIn('ida')
    const late = await signIn('root')
    const last = await askFor(ida)
    replicas.advance(15 * 60_000 + 1_000)
    try {
      const response = await late.send('POST', `${all}/${last.id}/approve`, {})
      expect(await response.json()).toMatchObject({ code: 'reauthentication-required' })
    } finally {
      replicas.advance(-(15 * 60_000 + 1_000))
    }
  })

  test('of several who decide at once, exactly one wins', async () => {
    const jim = await signIn('jim')
    // One process alone may write SQLite's file at a time: two in one would wait for each other.
    const elsewhere = dialect === 'postgres' ? replicas.atOther(other) : other
    for (let round = 0; round < 5; round += 1) {
      const { id } = await askFor(jim, { ...asked, namespaces: [`round-${round}`] })
      const before = await countRows()
      const answers = await Promise.all([
        admin.send('POST', `${all}/${id}/approve`, {}),
        elsewhere.send('POST', `${all}/${id}/refuse`, { reason: 'no' }),
        jim.send('DELETE', `${own}/${id}`),
      ])
      const won = answers.map(({ status }) => status < 300)
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(answers.map(({ status }) => status).filter((status) => status >= 300)).toEqual([
        409, 409,
      ])
      expect(await countRows()).toEqual({
        ...before,
        grants: before.grants + (won[0] ? 1 : 0),
        audit: before.audit + 1,
      })
    }
  })

  test('that wait are listed from the oldest on, decided ones from the latest, page by page', async () => {
    const kim = await signIn('kim')
    const made: string[] = []
    for (let count = 0; count < 5; count += 1) {
      made.push((await askFor(kim, { ...asked, namespaces: [`k${count}`] })).id)
    }
    const readAll = async (status: string) => {
      const ids: string[] = []
      let cursor: string | null = null
      do {
        const query: string = `?status=${status}&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`
        const { items, next, total, waiting } = await page(query)
        ids.push(...items.map(({ id }) => id))
        expect(status === 'waiting' ? total : waiting).toBe(waiting)
        cursor = next
      } while (cursor !== null)
      expect(new Set(ids).size).toBe(ids.length)
      return ids.filter((id) => made.includes(id))
    }
    expect(await readAll('waiting')).toEqual(made)
    for (const id of made) await approve(id)
    expect(await readAll('waiting')).toEqual([])
    expect(await readAll('decided')).toEqual(made.toReversed())
    expect((await ownOf(kim)).map(({ id }) => id)).toEqual(made.toReversed())
    expect((await admin.get(`${all}?cursor=nonsense`)).status).toBe(400)
  })

  test('are news in the open streams of who asked and who decides, on both replicas, and of nobody else', async () => {
    const lea = await signIn('lea')
    const mia = await signIn('mia')
    const streams = await Promise.all(
      [
        lea.get('/api/stream'),
        replicas.atOther(lea).get('/api/stream'),
        admin.get('/api/stream'),
        replicas.atOther(admin).get('/api/stream'),
        mia.get('/api/stream'),
        replicas.atOther(mia).get('/api/stream'),
      ].map(async (response) => readEvents(await response)),
    )
    // Other rights are a reset, after which a page reads everything again.
    const news = () =>
      streams.map(({ events }) => {
        return events.filter(({ type }) => type === 'access-requests' || type === 'reset').length
      })
    /** What was decided just before may still be on its way to the other replica. */
    const untilAllHeard = async (known: readonly number[]) => {
      const heard = () => news().map((count, index) => count > known[index]!)
      await expect.poll(heard, soon).toEqual([true, true, true, true, false, false])
    }
    try {
      const { id } = await askFor(lea)
      await untilAllHeard(news().map(() => 0))
      const before = news()
      await approve(id)
      await untilAllHeard(before)
      expect(news().slice(4)).toEqual([0, 0])
    } finally {
      await Promise.all(streams.map((stream) => stream.close()))
    }
  })

  test('go over with the grant when two identities become one person', async () => {
    const [one, two] = [await signIn('olga-1'), await signIn('olga-2')]
    const waiting = await askFor(two, { ...asked, namespaces: ['later'] })
    const made = await askFor(two)
    await approve(made.id)
    const rows = await database.db.read.select().from(database.db.tables.identities)
    const identity = rows.find(({ principal }) => principal === 'oidc:olga-2')!
    const path = `/api/admin/users/${await userIdOf('olga-1')}/identities`
    const joined = await admin.send('POST', path, { identityId: identity.id })
    expect(joined.status).toBe(200)
    expect((await ownOf(one)).map(({ id, state }) => [id, state])).toEqual([
      [made.id, 'approved'],
      [waiting.id, 'waiting'],
    ])
    expect((await one.get('/api/instances/prod-east')).status).toBe(200)
  })

  test('go with their person', async () => {
    const ned = await signIn('ned')
    await askFor(ned)
    const id = await userIdOf('ned')
    const { accessRequests, users } = database.db.tables
    const { read } = database.db
    const rows = async () =>
      (await read.select().from(accessRequests)).filter(({ userId }) => userId === id)
    expect(await rows()).toHaveLength(1)
    expect((await admin.send('POST', `/api/admin/users/${id}/disable`)).status).toBe(200)
    expect(await rows()).toHaveLength(1)
    await database.db.transaction(async (tx) => {
      await tx.queries.delete(users).where(eq(users.id, id))
    })
    expect(await rows()).toEqual([])
  })
})
