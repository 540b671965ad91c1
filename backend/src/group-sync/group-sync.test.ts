import { randomUUID } from 'node:crypto'
import { GrantOriginList } from '@hub/shared'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startEntra, type Entra, type EntraPerson } from '../../test/entra.ts'
import { readEvents } from '../../test/event-stream.ts'
import { startGithub, type Github, type GithubPerson } from '../../test/github.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'
import { createAuth } from '../create-auth.ts'
import type { IdentityProvider } from '../identity-providers/index.ts'
import { syncGroups } from './sync-groups.ts'

const minute = 60_000
const mappings = '/api/admin/group-mappings'
const roundOf = (signal: AbortSignal) => ({ signal, lease: null })
const acme = { id: 9001, login: 'acme' }

describe.each(databases)('groups are looked up again on $dialect', ({ open }) => {
  let database: TestDatabase
  let oidc: OddIdentityProvider
  let entra: Entra
  let github: Github
  let hub: TestHub
  let admin: Browser
  /** Of the look-ups alone: people sign in and use the hub now. */
  let offsetMs = 0
  const lines: string[] = []

  beforeAll(async () => {
    ;[database, oidc, entra, github] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startEntra(),
      startGithub(),
    ])
    hub = await startHub({
      db: database.db,
      identityProvider: oidc,
      env: {
        ENABLED_AUTH_PROVIDERS: 'oidc,entra,github',
        HUB_ADMINS: 'oidc:root',
        HUB_ALLOW_INSECURE_TLS: 'true',
        // The rounds of these tests are their own.
        GROUP_SYNC_INTERVAL: 'off',
        ...entra.environment(),
        ...github.environment(),
      },
      credentials: { 'prod-east': deadKubeconfig, 'prod-west': deadKubeconfig },
    })
    admin = await signIn('root')
    await map('oidc', 'ml', 'prod-east')
    await map('oidc', 'platform', 'prod-west')
    await map('entra', 'e0000000-0000-4000-8000-000000000001', 'prod-east')
    await map('github', 'org:9001', 'prod-east')
  })
  afterAll(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), oidc.stop(), entra.stop(), github.stop()])
  })
  afterEach(() => {
    offsetMs = 0
    for (const provider of [oidc, entra, github]) provider.beHonest()
  })

  const map = async (provider: string, groupId: string, instanceId: string) => {
    const response = await admin.send('POST', mappings, {
      provider,
      groupId,
      role: 'viewer',
      instanceId,
    })
    expect(response.status).toBe(201)
    return ((await response.json()) as { id: string }).id
  }
  /** At the OpenID provider, which gives something lasting if it is named. */
  const signIn = async (subject: string, groups: string[] = [], refreshToken?: string) => {
    const browser = hub.browser()
    const url = await browser.startLogin()
    oidc.answers.claims = (claims) => ({ ...claims, sub: subject, name: subject, groups })
    oidc.answers.moreTokens = refreshToken === undefined ? {} : { refresh_token: refreshToken }
    expect((await browser.finishLogin(oidc.authorize(url))).status).toBe(303)
    oidc.beHonest()
    return browser
  }
  const signInEntra = async (person: EntraPerson) => {
    const browser = hub.browser()
    const url = await browser.startLogin('', 'entra')
    const response = await browser.finishLogin(entra.authorize(url, person), 'entra')
    expect(response.status).toBe(303)
    return browser
  }
  const signInGithub = async (person: GithubPerson) => {
    const browser = hub.browser()
    const url = await browser.startLogin('', 'github')
    const response = await browser.finishLogin(github.authorize(url, person), 'github')
    expect(response.status).toBe(303)
    return browser
  }
  /** A look-up names these groups, whosever token it is. */
  const refreshedTo = (subject: string, groups: unknown, tokens = {}) => {
    oidc.answers.refreshed = () => ({
      claims: { sub: subject, name: subject, groups },
      tokens,
    })
  }
  const now = () => new Date(Date.now() + offsetMs)
  const replica = () => ({
    db: database.db,
    auth: createAuth({
      config: hub.config,
      fetch,
      now: () => new Date(),
      log: createLogger('silent'),
      restingInstances: new Set<string>(),
    }),
    now,
    log: createLogger('debug', { write: (line) => void lines.push(line) }),
  })
  /** A round so much later, when everybody's turn has come. */
  const sync = async (ms = 15 * minute) => {
    offsetMs += ms
    await syncGroups(
      replica(),
      new Date(now().getTime() - 15 * minute),
      roundOf(new AbortController().signal),
    )
  }
  const grantsOf = async (browser: Browser) => {
    const me = (await (await browser.get('/api/auth/me')).json()) as {
      grants: { instanceId: string; source: string }[]
    }
    return me.grants.map(({ instanceId, source }) => `${source} ${instanceId}`).toSorted()
  }
  const identityOf = async (principal: string) => {
    const rows = await database.db.read.select().from(database.db.tables.identities)
    return rows.find((row) => row.principal === principal)!
  }
  const change = async (principal: string, to: Record<string, unknown>) => {
    const { identities } = database.db.tables
    await database.db.transaction(async (tx) => {
      await tx.queries.update(identities).set(to).where(eq(identities.principal, principal))
    })
  }

  test('#24 whoever left a group loses what it gave, in open streams too; manual grants stay', async () => {
    const ann = await signIn('ann', ['ml'], 'rt-ann')
    expect(await grantsOf(ann)).toEqual(['group prod-east'])
    const { userId } = await identityOf('oidc:ann')
    const roles = `/api/admin/users/${userId}/roles`
    const manual = await admin.send('POST', roles, { role: 'deployer', instanceId: 'prod-west' })
    expect(manual.status).toBe(201)
    const stream = readEvents(await ann.get('/api/stream'))
    refreshedTo('ann', [])
    await sync()
    await expect
      .poll(() => stream.events.map(({ type }) => type), { timeout: 20_000 })
      .toContain('reset')
    await stream.close()
    expect(await grantsOf(ann)).toEqual(['manual prod-west'])
    expect((await ann.get('/api/instances/prod-east')).status).toBe(404)
    expect(await identityOf('oidc:ann')).toMatchObject({ groups: [], groupsState: 'fresh' })
    const row = (await selectAuditRows(database.db, 5)).find(
      ({ action }) => action === 'grant.sync',
    )
    expect(row).toMatchObject({
      actor: 'system',
      target: { userId },
      before: { grants: [{ instanceId: 'prod-east' }] },
    })
    // Whoever enters one gains, without a sign-in as well.
    refreshedTo('ann', ['ml', 'platform'])
    await sync()
    expect(await grantsOf(ann)).toEqual(['group prod-east', 'group prod-west', 'manual prod-west'])
    const { items } = GrantOriginList.parse(await (await admin.get(roles)).json())
    expect(items.map(({ source }) => source)).toContain('group')
  })

  test('#24 a deleted mapping takes what it gave at once', async () => {
    const bob = await signIn('bob', ['doomed'], 'rt-bob')
    const id = await map('oidc', 'doomed', 'prod-east')
    expect(await grantsOf(bob)).toEqual(['group prod-east'])
    expect((await admin.send('DELETE', `${mappings}/${id}`)).status).toBe(204)
    expect(await grantsOf(bob)).toEqual([])
  })

  test('people who only use an API token lose theirs too', async () => {
    const cleo = await signIn('cleo', ['ml'], 'rt-cleo')
    const made = await cleo.send('POST', '/api/auth/tokens', {
      name: 'ci',
      roleCeiling: 'viewer',
      expiresInDays: 30,
    })
    expect(made.status).toBe(201)
    const { secret } = (await made.json()) as { secret: string }
    const ask = async () =>
      (
        await hub.app.request(`${hubOrigin}/api/instances/prod-east`, {
          headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${secret}` },
        })
      ).status
    expect(await ask()).toBe(200)
    refreshedTo('cleo', ['other'])
    await sync()
    expect(await ask()).toBe(404)
  })

  test('a provider that is down keeps what is known, marked stale, for GROUP_STALE_MAX', async () => {
    const dora = await signIn('dora', ['ml'], 'rt-dora')
    oidc.answers.misbehaves = { '/token': 'down' }
    lines.length = 0
    await sync()
    expect(await identityOf('oidc:dora')).toMatchObject({
      groups: [{ id: 'ml' }],
      groupsState: 'stale',
    })
    expect(await grantsOf(dora)).toEqual(['group prod-east'])
    // One line for the provider, however many people it is about.
    const warnings = lines.filter((line) => line.includes('could not be looked up'))
    expect(warnings).toHaveLength(1)
    expect(JSON.parse(warnings[0]!)).toMatchObject({ provider: 'oidc' })
    expect(lines.join('')).not.toContain('rt-dora')
    await sync(23 * 60 * minute)
    expect(await grantsOf(dora)).toEqual(['group prod-east'])
    await sync(60 * minute)
    expect(await grantsOf(dora)).toEqual([])
    expect(await identityOf('oidc:dora')).toMatchObject({ groups: [{ id: 'ml' }] })
    // And what it says when it is back counts again.
    oidc.beHonest()
    refreshedTo('dora', ['ml'])
    await sync()
    expect(await grantsOf(dora)).toEqual(['group prod-east'])
  })

  test('one that does not answer is not asked for everybody', async () => {
    const { identities, users } = database.db.tables
    const sealed = (await identityOf('oidc:dora')).tokensSealed
    const at = new Date()
    await database.db.transaction(async (tx) => {
      for (let count = 0; count < 40; count += 1) {
        const id = randomUUID()
        await tx.queries.insert(users).values({
          id,
          displayName: `crowd ${count}`,
          createdAt: at,
          lastSignInAt: at,
        })
        await tx.queries.insert(identities).values({
          id: randomUUID(),
          userId: id,
          provider: 'oidc',
          issuer: oidc.issuer,
          subject: `crowd-${count}`,
          principal: `oidc:crowd-${count}`,
          groups: [{ id: 'ml', name: 'ml' }],
          groupsState: 'fresh',
          groupsSyncedAt: at,
          tokensSealed: sealed,
          createdAt: at,
          lastSignInAt: at,
        })
      }
    })
    oidc.answers.misbehaves = { '/token': 'down' }
    const before = oidc.countRequests('/token')
    await sync()
    expect(oidc.countRequests('/token') - before).toBeLessThan(15)
    const rows = (await database.db.read.select().from(identities)).filter(({ principal }) =>
      principal.startsWith('oidc:crowd'),
    )
    expect(new Set(rows.map(({ groupsState }) => groupsState))).toEqual(new Set(['stale']))
    await database.db.transaction(async (tx) => {
      for (const { userId } of rows) await tx.queries.delete(users).where(eq(users.id, userId))
    })
  })

  test('a token that was taken back is not asked with again', async () => {
    const eric = await signIn('eric', ['ml'], 'rt-eric')
    const asked: string[] = []
    oidc.answers.refreshed = (token) => {
      asked.push(token)
      return null
    }
    await sync()
    await sync()
    expect(asked.filter((token) => token === 'rt-eric')).toHaveLength(1)
    // H20: that is the provider's word, and an answer.
    expect(await identityOf('oidc:eric')).toMatchObject({
      tokensSealed: null,
      groups: null,
      withdrawnReason: 'invalid_grant',
    })
    expect((await eric.get('/api/auth/me')).status).toBe(401)
  })

  test('a refresh token that was rotated replaces the kept one, sealed', async () => {
    await signIn('fay', ['ml'], 'rt-fay-1')
    const asked: string[] = []
    const before = (await identityOf('oidc:fay')).tokensSealed
    oidc.answers.refreshed = (token) => {
      if (!token.startsWith('rt-fay')) return null
      asked.push(token)
      const next = `rt-fay-${asked.length + 1}`
      return { claims: { sub: 'fay', groups: ['ml'] }, tokens: { refresh_token: next } }
    }
    await sync()
    await sync()
    expect(asked).toEqual(['rt-fay-1', 'rt-fay-2'])
    const { tokensSealed } = await identityOf('oidc:fay')
    expect(tokensSealed).not.toBe(before)
    expect(tokensSealed).not.toContain('rt-fay')
  })

  test.each([
    ['another subject', { sub: 'mallory', groups: ['platform'] }],
    ['another issuer', { iss: 'https://evil.example', sub: 'gus', groups: ['platform'] }],
    ['another audience', { aud: 'elsewhere', sub: 'gus', groups: ['platform'] }],
    ['an old date', { iat: 1_000_000, exp: 1_000_300, sub: 'gus', groups: ['platform'] }],
  ])('an id_token of %s gives nothing', async (_name, claims) => {
    const gus = await signIn('gus', ['ml'], 'rt-gus')
    const kept = (await identityOf('oidc:gus')).tokensSealed
    oidc.answers.refreshed = (token) =>
      token === 'rt-gus' ? { claims, tokens: { refresh_token: 'rt-evil' } } : null
    await sync()
    expect(await identityOf('oidc:gus')).toMatchObject({
      groups: [{ id: 'ml' }],
      groupsState: 'stale',
      tokensSealed: kept,
    })
    expect(await grantsOf(gus)).toEqual(['group prod-east'])
  })

  test('without an id_token the UserInfo endpoint says it, of the same person alone', async () => {
    const hal = await signIn('hal', ['ml'], 'rt-hal')
    oidc.answers.withoutIdToken = true
    oidc.answers.refreshed = (token) => (token === 'rt-hal' ? {} : null)
    oidc.answers.userinfo = null
    await sync()
    expect(await identityOf('oidc:hal')).toMatchObject({ groupsState: 'stale' })
    expect(await grantsOf(hal)).toEqual(['group prod-east'])
    oidc.answers.userinfo = { body: { sub: 'another', groups: ['platform'] } }
    await sync()
    expect(await identityOf('oidc:hal')).toMatchObject({ groupsState: 'stale' })
    expect(await grantsOf(hal)).toEqual(['group prod-east'])
    oidc.answers.userinfo = { body: { sub: 'hal', groups: ['platform'] } }
    await sync()
    expect(await identityOf('oidc:hal')).toMatchObject({ groupsState: 'fresh' })
    expect(await grantsOf(hal)).toEqual(['group prod-west'])
  })

  test('what nobody can look up again counts as stale from the interval on, and ends', async () => {
    const ida = await signIn('ida', ['ml'])
    expect((await identityOf('oidc:ida')).tokensSealed).toBeNull()
    lines.length = 0
    await sync()
    expect(await identityOf('oidc:ida')).toMatchObject({ groupsState: 'stale' })
    expect(await grantsOf(ida)).toEqual(['group prod-east'])
    await sync(24 * 60 * minute)
    expect(await grantsOf(ida)).toEqual([])
  })

  test('a sign-in meanwhile is not undone', async () => {
    await signIn('jim', ['ml'], 'rt-jim')
    let isAsked = () => {}
    const asked = new Promise<void>((resolve) => (isAsked = resolve))
    let answer = () => {}
    const held = new Promise<void>((resolve) => (answer = resolve))
    const slow: typeof fetch = async (...request) => {
      const response = await fetch(...request)
      const form = request[1]?.body
      if (form instanceof URLSearchParams && form.get('refresh_token') === 'rt-jim') {
        isAsked()
        await held
      }
      return response
    }
    oidc.answers.refreshed = (token) =>
      token === 'rt-jim' ? { claims: { sub: 'jim', groups: [] } } : null
    offsetMs = 15 * minute
    const at = replica()
    const round = syncGroups(
      {
        ...at,
        auth: createAuth({
          config: hub.config,
          fetch: slow,
          now: () => new Date(),
          log: createLogger('silent'),
          restingInstances: new Set<string>(),
        }),
      },
      new Date(now().getTime() - 15 * minute),
      roundOf(new AbortController().signal),
    )
    await asked
    const jim = await signIn('jim', ['ml', 'platform'], 'rt-jim-2')
    answer()
    await round
    expect(await grantsOf(jim)).toEqual(['group prod-east', 'group prod-west'])
    expect(await identityOf('oidc:jim')).toMatchObject({ groupsState: 'fresh' })
  })

  test('a hub that stops meanwhile marks nothing stale, and keeps a token that was rotated', async () => {
    const stops = async (at: 'before' | 'after') => {
      const abort = new AbortController()
      oidc.answers.refreshed = (token) => {
        if (token.startsWith('rt-pat') && at === 'before') abort.abort()
        return token.startsWith('rt-pat')
          ? { claims: { sub: 'pat', groups: ['ml'] }, tokens: { refresh_token: 'rt-pat-2' } }
          : null
      }
      const { auth, ...deps } = replica()
      const [provider] = auth.providers
      const providers = [
        {
          ...provider!,
          readGroups: async (request: Parameters<IdentityProvider['readGroups']>[0]) => {
            const answer = await provider!.readGroups(request)
            if (at === 'after') abort.abort()
            return answer
          },
        },
      ]
      await change('oidc:pat', { groupsAskedAt: new Date(0) })
      await syncGroups(
        { ...deps, auth: { ...auth, providers } },
        new Date(1),
        roundOf(abort.signal),
      )
      return identityOf('oidc:pat')
    }
    await signIn('pat', ['ml'], 'rt-pat')
    const { tokensSealed } = await identityOf('oidc:pat')
    expect(await stops('before')).toMatchObject({ groupsState: 'fresh', tokensSealed })
    const after = await stops('after')
    expect(after.groupsState).toBe('fresh')
    expect(after.tokensSealed).not.toBe(tokensSealed)
  })

  test('of two replicas one asks for each person', async () => {
    for (const name of ['k1', 'k2', 'k3']) await signIn(name, ['ml'], `rt-${name}`)
    const asked: string[] = []
    oidc.answers.refreshed = (token) => {
      asked.push(token)
      return { claims: { sub: token.slice(3), groups: ['platform'] } }
    }
    offsetMs = 15 * minute
    const before = new Date(now().getTime() - 15 * minute)
    const { signal } = new AbortController()
    await Promise.all([
      syncGroups(replica(), before, roundOf(signal)),
      syncGroups(replica(), before, roundOf(signal)),
    ])
    expect(asked.filter((token) => token.startsWith('rt-k')).toSorted()).toEqual([
      'rt-k1',
      'rt-k2',
      'rt-k3',
    ])
    await Promise.all([
      syncGroups(replica(), before, roundOf(signal)),
      syncGroups(replica(), before, roundOf(signal)),
    ])
    expect(new Set(asked).size).toBe(asked.length)
  })

  test('the disabled are not asked about', async () => {
    await signIn('lea', ['ml'], 'rt-lea')
    const { userId } = await identityOf('oidc:lea')
    expect((await admin.send('POST', `/api/admin/users/${userId}/disable`)).status).toBe(200)
    const asked: string[] = []
    oidc.answers.refreshed = (token) => {
      asked.push(token)
      return null
    }
    await sync()
    expect(asked).not.toContain('rt-lea')
  })

  test('at Entra: by the refresh token, over 200 groups by Graph, of the same tenant and person alone', async () => {
    const group = { id: 'e0000000-0000-4000-8000-000000000001', displayName: null }
    const person = entra.addPerson({ groups: [group] })
    const browser = await signInEntra(person)
    const principal = `entra:${person.tenant}:${person.objectId}`
    const kept = (await identityOf(principal)).tokensSealed
    expect(await grantsOf(browser)).toEqual(['group prod-east'])
    person.groups = []
    await sync()
    expect(await grantsOf(browser)).toEqual([])
    expect((await identityOf(principal)).tokensSealed).not.toBe(kept)
    const refresh = entra.authority.requests.findLast(
      ({ form }) => form.get('grant_type') === 'refresh_token',
    )!
    expect(refresh.form.get('client_secret')).toBe(entra.clientSecret)
    expect(refresh.form.get('scope')).toContain('openid')

    const many = Array.from({ length: 250 }, () => ({ id: randomUUID(), displayName: null }))
    person.groups = [...many, group]
    await sync()
    expect(await grantsOf(browser)).toEqual(['group prod-east'])
    expect((await identityOf(principal)).groups).toHaveLength(251)

    for (const claims of [{ oid: randomUUID() }, { tid: randomUUID() }]) {
      person.groups = []
      entra.answers.claims = (honest) => ({ ...honest, ...claims })
      await sync()
      expect(await grantsOf(browser)).toEqual(['group prod-east'])
      expect(await identityOf(principal)).toMatchObject({ groupsState: 'stale' })
    }
    entra.beHonest()
    entra.revoke(person)
    await sync()
    expect(await identityOf(principal)).toMatchObject({ tokensSealed: null, groupsState: 'stale' })
    // Its person signs in again, and all is as it was.
    person.groups = [group]
    await signInEntra(person)
    expect(await identityOf(principal)).toMatchObject({ groupsState: 'fresh' })
    expect((await identityOf(principal)).tokensSealed).not.toBeNull()
  })

  test('at GitHub: by the kept access token, until it is taken back', async () => {
    const person = github.createPerson({ id: 4711, login: 'octo', orgs: [acme] })
    const browser = await signInGithub(person)
    expect(await grantsOf(browser)).toEqual(['group prod-east'])
    person.orgs = []
    await sync()
    expect(await grantsOf(browser)).toEqual([])
    person.orgs = [acme]
    await sync()
    expect(await grantsOf(browser)).toEqual(['group prod-east'])
    // What an organization hides until a sign-in there stays as it was.
    person.needsSingleSignOn = [acme]
    await sync()
    expect(await grantsOf(browser)).toEqual(['group prod-east'])
    expect(await identityOf('github:4711')).toMatchObject({ groupsState: 'stale' })
    person.needsSingleSignOn = []
    github.answers.api = ({ url }) =>
      url.pathname === '/user' ? { body: { id: 1, login: 'another' } } : null
    person.orgs = []
    await sync()
    expect(await grantsOf(browser)).toEqual(['group prod-east'])
    github.beHonest()
    github.revoke(person)
    await sync()
    expect(await identityOf('github:4711')).toMatchObject({
      tokensSealed: null,
      withdrawnReason: 'GitHub answered 401',
    })
    expect((await browser.get('/api/auth/me')).status).toBe(401)
  })

  test('a key that was rotated out opens nothing, and is said so', async () => {
    await signIn('mia', ['ml'], 'rt-mia')
    await change('oidc:mia', { tokensSealed: 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AA.AA.AA' })
    lines.length = 0
    await sync()
    expect(await identityOf('oidc:mia')).toMatchObject({ groupsState: 'stale' })
    expect(lines.join('')).toContain('could not be looked up')
  })
})

describe('a hub with GROUP_SYNC_INTERVAL', () => {
  test('looks groups up by itself', async () => {
    const [database, oidc] = await Promise.all([databases[0].open(), startOddIdentityProvider()])
    const hub = await startHub({
      db: database.db,
      identityProvider: oidc,
      env: { GROUP_SYNC_INTERVAL: '1m' },
    })
    try {
      oidc.answers.moreTokens = { refresh_token: 'rt' }
      oidc.answers.refreshed = () => ({ claims: { sub: 'ada', groups: ['new'] } })
      expect((await hub.browser().signIn('ada')).status).toBe(303)
      hub.advance(minute)
      const { identities } = database.db.tables
      await expect
        .poll(async () => (await database.db.read.select().from(identities))[0]!.groups, {
          timeout: 20_000,
        })
        .toEqual([{ id: 'new', name: 'new' }])
    } finally {
      await hub.stop()
      await Promise.all([database.dispose(), oidc.stop()])
    }
  }, 15_000)
})
