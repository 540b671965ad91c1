import { User } from '@hub/shared'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { failed, startEntra, type Entra } from '../../test/entra.ts'
import { readEvents } from '../../test/event-stream.ts'
import { startGithub, type Github } from '../../test/github.ts'
import { hubOrigin, startHub, type Browser, type TestHub } from '../../test/hub.ts'
import type { JsonAnswer } from '../../test/json-server.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { deadKubeconfig } from '../../test/kubeconfigs.ts'
import { createAuth } from '../create-auth.ts'
import { syncGroups } from './sync-groups.ts'

const minute = 60_000

describe.each(databases)('H20: a provider that says no, on $dialect', ({ open }) => {
  let database: TestDatabase
  let oidc: OddIdentityProvider
  let entra: Entra
  let github: Github
  let hub: TestHub
  let admin: Browser
  let offsetMs = 0
  let people = 0

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
        HUB_ADMINS: 'oidc:root,oidc:chief',
        HUB_ALLOW_INSECURE_TLS: 'true',
        GROUP_SYNC_INTERVAL: 'off',
        JWT_ISSUERS: `${oidc.issuer};hub`,
        ...entra.environment(),
        ...github.environment(),
      },
      credentials: { 'prod-east': deadKubeconfig },
    })
    admin = (await signIn('root')).browser
    const mapping = { provider: 'oidc', groupId: 'ml', role: 'viewer', instanceId: 'prod-east' }
    expect((await admin.send('POST', '/api/admin/group-mappings', mapping)).status).toBe(201)
  })
  afterAll(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), oidc.stop(), entra.stop(), github.stop()])
  })
  afterEach(() => {
    offsetMs = 0
    oidc.beHonest()
    entra.beHonest()
    github.beHonest()
  })

  const signIn = async (subject: string, more: { tokens?: object; claims?: object } = {}) => {
    const browser = hub.browser()
    const url = await browser.startLogin()
    oidc.answers.claims = (claims) => ({
      ...claims,
      sub: subject,
      name: subject,
      groups: ['ml'],
      ...more.claims,
    })
    oidc.answers.moreTokens = { ...more.tokens }
    expect((await browser.finishLogin(oidc.authorize(url))).status).toBe(303)
    oidc.beHonest()
    return { browser, principal: `oidc:${subject}` }
  }
  /** Somebody with a session, an API token and a refresh token of their own. */
  const arrive = async (more: { subject?: string; tokens?: object; claims?: object } = {}) => {
    const subject = more.subject ?? `person-${(people += 1)}`
    const { browser, principal } = await signIn(subject, {
      ...more,
      tokens: { refresh_token: `rt-${subject}`, ...more.tokens },
    })
    const made = await browser.send('POST', '/api/auth/tokens', {
      name: 'ci',
      roleCeiling: 'admin',
      expiresInDays: 30,
    })
    expect(made.status).toBe(201)
    const { secret } = (await made.json()) as { secret: string }
    return { subject, browser, principal, token: secret }
  }
  const withToken = (token: string, path = '/api/auth/me') =>
    hub.app.request(`${hubOrigin}${path}`, {
      headers: { host: new URL(hubOrigin).host, authorization: `Bearer ${token}` },
    })
  type Arrived = Awaited<ReturnType<typeof arrive>>
  const isIn = async ({ browser, token }: Arrived) => [
    (await browser.get('/api/auth/me')).status === 200,
    (await withToken(token)).status === 200,
  ]
  const identityOf = async ({ principal }: { principal: string }) => {
    const { identities } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(identities)
      .where(eq(identities.principal, principal))
    return rows[0]!
  }
  const personOf = async (of: { principal: string }) => {
    const { userId } = await identityOf(of)
    return User.parse(await (await admin.get(`/api/admin/users/${userId}`)).json())
  }
  const groupGrantsOf = async (of: { principal: string }) => {
    const { userId } = await identityOf(of)
    const { grants } = database.db.tables
    const rows = await database.db.read.select().from(grants).where(eq(grants.userId, userId))
    return rows.filter(({ source }) => source === 'group').length
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
    log: createLogger('silent'),
  })
  const sync = async (replicas = 1) => {
    offsetMs += 15 * minute
    const before = new Date(now().getTime() - 15 * minute)
    const round = { signal: new AbortController().signal, lease: null }
    await Promise.all(Array.from({ length: replicas }, () => syncGroups(replica(), before, round)))
  }
  /** Everybody but these goes on as before. */
  const refuse = (...refused: Arrived[]) => {
    oidc.answers.refreshed = (token) => {
      if (refused.some(({ subject }) => token === `rt-${subject}`)) return null
      return { claims: { sub: token.replace(/^rt-/, ''), groups: ['ml'] } }
    }
  }

  test('ends session, streams, token, bearer and what groups gave at once; a sign-in brings them back', async () => {
    const ann = await arrive()
    expect(await isIn(ann)).toEqual([true, true])
    const jwt = await oidc.signAccessToken({ sub: ann.subject })
    expect((await withToken(jwt)).status).toBe(200)
    const stream = readEvents(await ann.browser.get('/api/stream'))
    refuse(ann)
    await sync()
    expect(await isIn(ann)).toEqual([false, false])
    expect((await withToken(jwt)).status).toBe(401)
    await stream.ended
    expect(await groupGrantsOf(ann)).toBe(0)
    const row = (await selectAuditRows(database.db, 10)).find(
      ({ action }) => action === 'user.withdraw',
    )
    expect(row).toMatchObject({
      actor: 'system',
      outcome: 'success',
      reason: 'invalid_grant',
      target: { principal: ann.principal, provider: 'oidc' },
      after: { sessions: 1 },
    })
    const [identity] = (await personOf(ann)).identities
    expect(identity!.fault).toContain('stopped vouching for it')
    expect((await identityOf(ann)).tokensSealed).toBeNull()
    await signIn(ann.subject, { tokens: { refresh_token: 'new' } })
    expect((await withToken(ann.token)).status).toBe(200)
    expect(await groupGrantsOf(ann)).toBe(1)
    expect((await personOf(ann)).identities[0]!.fault).toBeNull()
    // What ended stays ended.
    expect((await ann.browser.get('/api/auth/me')).status).toBe(401)
  })

  test('an administrator by the configuration is none any more', async () => {
    const chief = await arrive({ subject: 'chief' })
    expect((await withToken(chief.token, '/api/admin/users')).status).toBe(200)
    refuse(chief)
    await sync()
    expect((await withToken(chief.token, '/api/admin/users')).status).toBe(401)
    expect((await personOf(chief)).isAdministrator).toBe(false)
  })

  test.each<[string, JsonAnswer | 'down' | 'html' | 'redirect' | 'cut']>([
    ['an outage', 'down'],
    ['a maintenance page', 'html'],
    ['a portal in between', 'redirect'],
    ['a connection that is cut', 'cut'],
    ['a secret that is wrong', { status: 401, body: { error: 'invalid_client' } }],
    ['a client that may not', { status: 400, body: { error: 'unauthorized_client' } }],
    ['a grant that is switched off', { status: 400, body: { error: 'unsupported_grant_type' } }],
    ['a scope that is gone', { status: 400, body: { error: 'invalid_scope' } }],
    ['too many requests', { status: 429, body: { error: 'slow_down' } }],
    ['too many requests, badly said', { status: 429, body: { error: 'invalid_grant' } }],
    ['a fault of its own, badly said', { status: 500, body: { error: 'invalid_grant' } }],
    ['a firewall', { status: 403, body: { message: 'blocked' } }],
    ['a second factor that it wants', { status: 400, body: { error: 'interaction_required' } }],
  ])('%s is not a no, and the no after it is one', async (_name, answer) => {
    const bob = await arrive()
    // It has answered before, so that the token is known to stay the same.
    refuse()
    await sync()
    if (typeof answer === 'string') oidc.answers.misbehaves = { '/token': answer }
    else oidc.answers.tokenError = { status: answer.status ?? 200, body: answer.body }
    await sync()
    await sync()
    expect(await isIn(bob)).toEqual([true, true])
    expect(await groupGrantsOf(bob)).toBe(1)
    expect(await identityOf(bob)).toMatchObject({ groupsState: 'stale', withdrawnAt: null })
    oidc.beHonest()
    refuse(bob)
    await sync()
    expect(await isIn(bob)).toEqual([false, false])
    expect(await groupGrantsOf(bob)).toBe(0)
  })

  test('of replicas that ask at once one does, and a token that is replaced by its use gives no false no', async () => {
    const cleo = await arrive()
    let current = `rt-${cleo.subject}`
    let uses = 0
    oidc.answers.refreshed = (token) => {
      if (!token.startsWith(`rt-${cleo.subject}`)) return {}
      // RFC 9700 §4.14.2: used twice, it is good for nobody.
      if (token !== current) return null
      uses += 1
      current = `rt-${cleo.subject}-${uses}`
      return {
        claims: { sub: cleo.subject, groups: ['ml'] },
        tokens: { refresh_token: current },
      }
    }
    for (let round = 0; round < 5; round += 1) await sync(3)
    expect(uses).toBe(5)
    expect(await isIn(cleo)).toEqual([true, true])
  })

  test('a no to a token whose successor was lost on its way is none', async () => {
    const dora = await arrive()
    oidc.answers.misbehaves = { '/token': 'cut' }
    await sync()
    expect((await identityOf(dora)).isAsking).toBe(true)
    oidc.beHonest()
    refuse(dora)
    await sync()
    expect(await isIn(dora)).toEqual([true, true])
    // There is nothing left to ask with; it counts for a while.
    expect(await identityOf(dora)).toMatchObject({
      tokensSealed: null,
      groupsState: 'stale',
      withdrawnAt: null,
    })
  })

  test('nor where an answer could not be verified: the next token was in it', async () => {
    const eric = await arrive()
    oidc.answers.forgedSignature = true
    refuse()
    await sync()
    oidc.beHonest()
    refuse(eric)
    await sync()
    expect(await isIn(eric)).toEqual([true, true])
  })

  test('nor where nobody knows as which client the token was got', async () => {
    const fay = await arrive()
    const { identities } = database.db.tables
    await database.db.transaction(async (tx) => {
      await tx.queries
        .update(identities)
        .set({ admission: null })
        .where(eq(identities.principal, fay.principal))
    })
    refuse(fay)
    await sync()
    expect(await isIn(fay)).toEqual([true, true])
  })

  test('that a session at the provider ended, by signing out or by itself, is no word about the person', async () => {
    const out = await arrive({ claims: { sid: 'sid-out' } })
    const told = await arrive({ claims: { sid: 'sid-told' } })
    const over = await arrive({
      claims: { sid: 'sid-over' },
      tokens: { refresh_expires_in: 1800 },
    })
    const lasting = await arrive({
      claims: { sid: 'sid-lasting' },
      tokens: { scope: 'openid offline_access' },
    })
    await out.browser.send('POST', '/api/auth/logout')
    const logoutToken = await oidc.createLogoutToken((claims) => ({
      ...claims,
      sub: told.subject,
      sid: 'sid-told',
    }))
    const answer = await hub.app.request(`${hubOrigin}/api/auth/backchannel-logout/oidc`, {
      method: 'POST',
      headers: { host: new URL(hubOrigin).host },
      body: new URLSearchParams({ logout_token: logoutToken }),
    })
    expect(answer.status).toBe(200)
    await lasting.browser.send('POST', '/api/auth/logout')
    expect((await identityOf(lasting)).tokensSealed).not.toBeNull()
    const asked: string[] = []
    oidc.answers.refreshed = (token) => {
      asked.push(token)
      return null
    }
    offsetMs = 30 * minute
    await sync()
    for (const person of [out, told, over]) {
      expect(asked).not.toContain(`rt-${person.subject}`)
      expect((await withToken(person.token)).status).toBe(200)
    }
    expect(asked).toContain(`rt-${lasting.subject}`)
    expect((await withToken(lasting.token)).status).toBe(401)
  })

  test.each<[string, JsonAnswer, boolean]>([
    ['a disabled account', failed(400, 'invalid_grant', 50057, 'disabled'), true],
    ['an account that is gone', failed(400, 'invalid_grant', 50034, 'not there'), true],
    ['a token that is over', failed(400, 'invalid_grant', 70008, 'expired'), true],
    ['a revoked one', failed(400, 'invalid_grant', 50173, 'revoked'), true],
    ['a second factor', failed(400, 'invalid_grant', 50076, 'MFA'), false],
    ['a rule about places', failed(400, 'invalid_grant', 53003, 'blocked'), false],
    ['a consent', failed(400, 'interaction_required', 65001, 'consent'), false],
    ['a secret that is over', failed(401, 'invalid_client', 7000222, 'expired'), false],
    ['a busy hour', failed(503, 'temporarily_unavailable', 90033, 'transient'), false],
    ['a busy tenant', failed(400, 'temporarily_unavailable', 90033, 'transient'), false],
    [
      'what it says by a suberror',
      { status: 400, body: { error: 'invalid_grant', suberror: 'basic_action' } },
      false,
    ],
  ])('Entra’s word for %s', async (_name, answer, isNo) => {
    const person = entra.addPerson()
    const browser = hub.browser()
    const url = await browser.startLogin('', 'entra')
    expect((await browser.finishLogin(entra.authorize(url, person), 'entra')).status).toBe(303)
    oidc.answers.misbehaves = { '/token': 'down' }
    entra.answers.refresh = () => answer
    await sync()
    expect((await browser.get('/api/auth/me')).status).toBe(isNo ? 401 : 200)
    const { withdrawnReason } = await identityOf({
      principal: `entra:${person.tenant}:${person.objectId}`,
    })
    expect(withdrawnReason !== null).toBe(isNo)
    expect(withdrawnReason ?? 'AADSTS').toContain('AADSTS')
  })

  test('GitHub’s 401 is its word, and a proxy’s is none', async () => {
    const person = github.createPerson({ id: 4711, login: 'ada' })
    const browser = hub.browser()
    const url = await browser.startLogin('', 'github')
    expect((await browser.finishLogin(github.authorize(url, person), 'github')).status).toBe(303)
    oidc.answers.misbehaves = { '/token': 'down' }
    const hasSession = async () => (await browser.get('/api/auth/me')).status === 200
    for (const status of [401, 403, 404, 429, 502]) {
      github.answers.api = () => ({ status, body: '<h1>Proxy</h1>' })
      await sync()
      expect([status, await hasSession()]).toEqual([status, true])
    }
    github.beHonest()
    github.revoke(person)
    await sync()
    expect(await hasSession()).toBe(false)
    expect(await identityOf({ principal: 'github:4711' })).toMatchObject({
      tokensSealed: null,
      withdrawnReason: 'GitHub answered 401',
    })
  })

  test('of two identities the other one goes on', async () => {
    const gus = await arrive()
    const other = await arrive()
    const linked = await admin.send(
      'POST',
      `/api/admin/users/${(await identityOf(gus)).userId}/identities`,
      { identityId: (await identityOf(other)).id },
    )
    expect(linked.status).toBe(200)
    refuse(gus)
    await sync()
    expect(await isIn(gus)).toEqual([false, true])
    const me = (await (await withToken(gus.token)).json()) as { principal: string }
    expect(me.principal).toBe(other.principal)
  })
})
