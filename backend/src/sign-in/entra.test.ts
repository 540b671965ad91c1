import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import type { Group } from '#people'
import { databases, type TestDatabase } from '../../test/databases.ts'
import {
  graphError,
  homeTenant,
  otherTenant,
  startEntra,
  type Entra,
  type EntraPerson,
} from '../../test/entra.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'

const manyGroups = (count: number, start = 0): { id: string; displayName: string }[] =>
  Array.from({ length: count }, (_, index) => {
    const digits = String(start + index).padStart(12, '0')
    return { id: `00000000-0000-4000-8000-${digits}`, displayName: `Group ${start + index}` }
  })

describe.each(databases)('sign-in with Entra on $dialect', ({ open }) => {
  let database: TestDatabase
  let entra: Entra
  let hub: TestHub
  /** Several tenants, of which two are trusted. */
  let worldwide: TestHub

  beforeAll(async () => {
    ;[database, entra] = await Promise.all([open(), startEntra()])
    const { db } = database
    const env = { ENABLED_AUTH_PROVIDERS: 'entra' }
    hub = await startHub({ db, env: { ...env, ...entra.environment() } })
    worldwide = await startHub({
      db,
      env: {
        ...env,
        ...entra.environment('organizations'),
        AZURE_ALLOWED_TENANTS: `${homeTenant},${otherTenant}`,
      },
    })
  })
  afterAll(async () => {
    await Promise.all([hub.stop(), worldwide.stop()])
    await Promise.all([database.dispose(), entra.stop()])
  })
  afterEach(() => entra.beHonest())

  const signIn = async (person: EntraPerson, at = hub) => {
    const browser = at.browser()
    const url = await browser.startLogin('', 'entra')
    const response = await browser.finishLogin(entra.authorize(url, person), 'entra')
    return { browser, response }
  }
  const identityOf = async ({ objectId }: EntraPerson) => {
    const { identities } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(identities)
      .where(eq(identities.subject, objectId))
    return rows[0]!
  }
  const expectRefused = async (response: Response, status: number, code: string) => {
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(`/login?error=${code}`)
    expect(response.headers.getSetCookie().join()).not.toContain('hub_session=')
    expect((await selectAuditRows(database.db, 1))[0]).toMatchObject({
      action: 'auth.sign-in',
      outcome: 'failure',
      reason: code,
    })
  }

  test('asks with PKCE, state and nonce, and knows people by tenant and object id', async () => {
    const person = entra.addPerson({ groups: manyGroups(2), roles: ['Deployer'] })
    const browser = hub.browser()
    const url = await browser.startLogin('', 'entra')
    expect(url.href).toContain(`${entra.authority.origin}/${homeTenant}/oauth2/v2.0/authorize?`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: entra.clientId,
      redirect_uri: `${hubOrigin}/api/auth/callback/entra`,
      scope: `openid profile email offline_access ${entra.graph.origin}/User.Read`,
      code_challenge_method: 'S256',
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const response = await browser.finishLogin(entra.authorize(url, person), 'entra')
    expect(response.status).toBe(303)
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
      principal: `entra:${homeTenant}:${person.objectId}`,
      provider: 'entra',
      displayName: 'Ada Lovelace',
    })
    expect(await identityOf(person)).toMatchObject({
      issuer: entra.issuerOf(homeTenant),
      groupsState: 'fresh',
      groupsSyncedAt: expect.any(Date),
      groups: [
        ...manyGroups(2).map(({ id }) => ({ id, name: null })),
        { id: 'role:Deployer', name: 'Deployer' },
      ],
    })
  })

  test('H21: one odd entry hides no other, in the token and at Graph, and null is none', async () => {
    const person = entra.addPerson({ groups: manyGroups(2) })
    const [one] = manyGroups(1)
    entra.answers.claims = (claims) => ({ ...claims, groups: [one!.id, 7], roles: ['x', {}] })
    await signIn(person)
    expect(await identityOf(person)).toMatchObject({
      groups: [
        { id: one!.id, name: null },
        { id: 'role:x', name: 'x' },
      ],
      groupsState: 'fresh',
      groupsDropped: 2,
    })
    entra.answers.claims = (claims) => ({ ...claims, groups: null, roles: null })
    await signIn(person)
    expect(await identityOf(person)).toMatchObject({ groups: [], groupsState: 'fresh' })
    entra.answers.claims = (claims) => ({ ...claims, groups: [], hasgroups: true })
    entra.answers.graph = () => ({
      body: { value: [{ id: 'g1', displayName: 7 }, { id: null }, { displayName: 'x' }] },
    })
    await signIn(person)
    expect(await identityOf(person)).toMatchObject({
      groups: [{ id: 'g1', name: null }],
      groupsState: 'fresh',
      groupsDropped: 2,
    })
    entra.beHonest()
  })

  test('keeps the refresh token sealed, and no token anywhere else', async () => {
    const person = entra.addPerson()
    await signIn(person)
    const { tokensSealed } = await identityOf(person)
    expect(tokensSealed).toMatch(/^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(hub.lines.join('')).not.toMatch(/opaque-[0-9a-f]{8}|"0\.[0-9a-f]{8}-/)
  })

  test('people who share an e-mail address stay two', async () => {
    entra.answers.claims = (claims) => ({ ...claims, email: 'shared@contoso.example' })
    const [one, two] = [entra.addPerson(), entra.addPerson()]
    await signIn(one)
    await signIn(two)
    expect((await identityOf(one)).userId).not.toBe((await identityOf(two)).userId)
  })

  test('leaving every group empties the list, though Entra then leaves the claim out', async () => {
    const person = entra.addPerson({ groups: manyGroups(3) })
    await signIn(person)
    await signIn({ ...person, groups: [] })
    expect(await identityOf(person)).toMatchObject({ groups: [], groupsState: 'fresh' })
  })

  test('with more groups than fit into a token, Graph names them all, page by page', async () => {
    const groups = manyGroups(1500)
    const person = entra.addPerson({ groups, roles: ['Admin'] })
    const before = entra.graph.requests.length
    expect((await signIn(person)).response.status).toBe(303)
    expect(entra.graph.requests.length - before).toBe(2)
    const identity = await identityOf(person)
    expect(identity.groupsState).toBe('fresh')
    expect(identity.groups).toHaveLength(1501)
    expect(identity.groups!.slice(0, 2)).toEqual([
      { id: groups[0]!.id, name: 'Group 0' },
      { id: groups[1]!.id, name: 'Group 1' },
    ])
    expect(identity.groups!.at(-1)).toEqual({ id: 'role:Admin', name: 'Admin' })
    expect(entra.elsewhere.requests).toEqual([])
  })

  test('hasgroups means the same as a claim source', async () => {
    const person = entra.addPerson({ groups: manyGroups(2) })
    entra.answers.omitGroupsClaim = true
    entra.answers.claims = (claims) => ({ ...claims, hasgroups: true })
    await signIn(person)
    expect((await identityOf(person)).groups).toHaveLength(2)
  })

  test('a busy Graph is asked again after what it says', async () => {
    const person = entra.addPerson({ groups: manyGroups(300) })
    let refusals = 0
    entra.answers.graph = () =>
      (refusals += 1) <= 2 ? graphError(429, 'TooManyRequests', { 'retry-after': '0' }) : null
    await signIn(person)
    expect(await identityOf(person)).toMatchObject({ groupsState: 'fresh' })
    expect((await identityOf(person)).groups).toHaveLength(300)
  })

  test.each<[string, () => ReturnType<typeof graphError>]>([
    ['500', () => graphError(500, 'InternalServerError')],
    ['403', () => graphError(403, 'Authorization_RequestDenied')],
    [
      '429 for longer than a sign-in lasts',
      () => graphError(429, 'TooManyRequests', { 'retry-after': '120' }),
    ],
    [
      'a next page on another host',
      () => ({
        body: { value: manyGroups(1, 9000), '@odata.nextLink': `${entra.elsewhere.origin}/v1.0/x` },
      }),
    ],
    [
      'a next page outside the API',
      () => ({
        body: { value: manyGroups(1, 9000), '@odata.nextLink': `${entra.graph.origin}/evil` },
      }),
    ],
    ['nonsense', () => ({ body: { value: 'none' } })],
  ])(
    '#15 Graph answers %s: signed in with the last known groups, stale, and nothing new',
    async (_name, answer) => {
      const person = entra.addPerson({ groups: manyGroups(250) })
      await signIn(person)
      const before = await identityOf(person)
      entra.answers.graph = answer
      const startedAt = performance.now()
      const { response } = await signIn({ ...person, groups: manyGroups(260, 5000) })
      expect(response.status).toBe(303)
      expect(await identityOf(person)).toMatchObject({
        groups: before.groups,
        groupsState: 'stale',
        groupsSyncedAt: before.groupsSyncedAt,
      })
      expect((await selectAuditRows(database.db, 1))[0]).toMatchObject({
        outcome: 'success',
        after: { groupsState: 'unknown', groups: null },
      })
      expect(entra.elsewhere.requests).toEqual([])
      expect(hub.lines.join('')).toContain('not all groups could be looked up')
      // Nobody waits for what cannot come in time.
      expect(performance.now() - startedAt).toBeLessThan(10_000)
    },
  )

  test('#15 nothing was known and Graph fails: nothing is known', async () => {
    const person = entra.addPerson({ groups: manyGroups(250), roles: ['Deployer'] })
    entra.answers.graph = () => graphError(500, 'InternalServerError')
    expect((await signIn(person)).response.status).toBe(303)
    expect(await identityOf(person)).toMatchObject({
      groups: null,
      groupsState: 'unknown',
      groupsSyncedAt: null,
    })
  })

  test('#8 several tenants: those that are allowed sign in, each as its own', async () => {
    const objectId = crypto.randomUUID()
    const [home, other] = [homeTenant, otherTenant].map((tenant) =>
      entra.addPerson({ tenant, objectId }),
    )
    for (const person of [home!, other!]) {
      const { browser, response } = await signIn(person, worldwide)
      expect(response.status).toBe(303)
      expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
        principal: `entra:${person.tenant}:${objectId}`,
      })
    }
  })

  test('#8 several tenants: one that is not allowed is refused, with a page that says so', async () => {
    const person = entra.addPerson({ tenant: '99999999-8888-4777-8666-555555555555' })
    const { response } = await signIn(person, worldwide)
    const page = await response.clone().text()
    expect(page).toContain('People of your organization cannot sign in to this hub')
    expect(page).not.toContain('http-equiv="refresh"')
    await expectRefused(response, 403, 'account-not-allowed')
  })

  describe('#8 an id_token that Entra signed for nobody here', () => {
    let plain: TestHub[]
    beforeAll(async () => {
      const { db } = database
      const env = { ENABLED_AUTH_PROVIDERS: 'entra' }
      plain = await Promise.all([
        startHub({ db, env: { ...env, ...entra.environment() } }),
        startHub({
          db,
          env: {
            ...env,
            ...entra.environment('organizations'),
            AZURE_ALLOWED_TENANTS: `${homeTenant},${otherTenant}`,
          },
        }),
      ])
    })
    afterAll(async () => {
      await Promise.all(plain.map((each) => each.stop()))
    })

    test.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
      ['a tid that is not the issuer’s', (claims) => ({ ...claims, tid: otherTenant })],
      ['no tid', ({ tid: _, ...claims }) => claims],
      ['a tid that is no id', (claims) => ({ ...claims, tid: 'x', iss: entra.issuerOf('x') })],
      ['the template as issuer', (claims) => ({ ...claims, iss: entra.issuerOf('{tenantid}') })],
      ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.example.com/v2.0' })],
    ])('%s is refused, by its key or by its claims', async (_name, claims) => {
      entra.answers.claims = claims
      for (const at of [hub, worldwide]) {
        // A key that says whose it is may fit no such issuer, and then nothing was verified.
        expect([401, 403]).toContain((await signIn(entra.addPerson(), at)).response.status)
      }
      entra.answers.plainKeys = true
      for (const at of plain) {
        const { response } = await signIn(entra.addPerson(), at)
        await expectRefused(response, 403, 'account-not-allowed')
      }
    })
  })

  test('#8 one tenant: another one’s people are refused', async () => {
    const { response } = await signIn(entra.addPerson({ tenant: otherTenant }))
    await expectRefused(response, 403, 'account-not-allowed')
  })

  test('#8 the key of personal accounts signs for no organization', async () => {
    entra.answers.signedBy = 'consumers'
    await expectRefused((await signIn(entra.addPerson())).response, 401, 'login-failed')
    await expectRefused((await signIn(entra.addPerson(), worldwide)).response, 401, 'login-failed')
  })

  test.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
    ['#6 another nonce', (claims) => ({ ...claims, nonce: 'other' })],
    ['#7 another audience', (claims) => ({ ...claims, aud: 'other' })],
    ['no oid', ({ oid: _, ...claims }) => claims],
  ])('an id_token with %s is refused', async (_name, claims) => {
    entra.answers.claims = claims
    await expectRefused((await signIn(entra.addPerson())).response, 401, 'login-failed')
  })

  test('after signing out Entra asks again, and an old proof is refused', async () => {
    const person = entra.addPerson()
    const { browser } = await signIn(person)
    await browser.send('POST', '/api/auth/logout')
    const seconds = () => Math.floor(Date.now() / 1000)
    const url = await browser.startLogin('', 'entra')
    expect(url.searchParams.get('prompt')).toBe('login')
    expect(url.searchParams.get('max_age')).toBe('0')
    entra.answers.claims = (claims) => ({ ...claims, auth_time: seconds() - 600 })
    await expectRefused(
      await browser.finishLogin(entra.authorize(url, person), 'entra'),
      401,
      'login-failed',
    )
    entra.answers.claims = (claims) => ({ ...claims, auth_time: seconds() })
    const again = await browser.startLogin('', 'entra')
    const response = await browser.finishLogin(entra.authorize(again, person), 'entra')
    expect(response.status).toBe(303)
  })

  test('the tenant may be named by its domain', async () => {
    const named = await startHub({
      db: database.db,
      env: { ENABLED_AUTH_PROVIDERS: 'entra', ...entra.environment('contoso.example') },
    })
    const person = entra.addPerson()
    expect((await signIn(person, named)).response.status).toBe(303)
    const foreign = await signIn(entra.addPerson({ tenant: otherTenant }), named)
    expect(foreign.response.status).toBe(403)
    await named.stop()

    const misled = await startHub({
      db: database.db,
      env: {
        ENABLED_AUTH_PROVIDERS: 'entra',
        ...entra.environment('contoso.example'),
        AZURE_ALLOWED_TENANTS: otherTenant,
      },
    })
    expect((await signIn(person, misled)).response.status).toBe(403)
    await misled.stop()
  })

  test('only a verified e-mail address counts for HUB_ALLOWED_EMAIL_DOMAINS', async () => {
    const picky = await startHub({
      db: database.db,
      env: {
        ENABLED_AUTH_PROVIDERS: 'entra',
        HUB_ALLOWED_EMAIL_DOMAINS: 'contoso.example',
        ...entra.environment(),
      },
    })
    await expectRefused(
      (await signIn(entra.addPerson(), picky)).response,
      403,
      'account-not-allowed',
    )
    entra.answers.claims = (claims) => ({ ...claims, xms_edov: true })
    expect((await signIn(entra.addPerson(), picky)).response.status).toBe(303)
    await picky.stop()
  })

  test('names of groups that Graph does not show are null', async () => {
    const groups = manyGroups(201).map(({ id }) => ({ id, displayName: null }))
    const person = entra.addPerson({ groups })
    await signIn(person)
    const stored: readonly Group[] = (await identityOf(person)).groups!
    expect(stored[0]).toEqual({ id: groups[0]!.id, name: null })
  })
})
