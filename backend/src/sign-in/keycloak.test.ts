import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '#config'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import { joinKeycloak } from '../../test/join-keycloak.ts'
import type { HubRealm } from '../../test/keycloak.ts'
import { signInThere, visit, type Jar } from '../../test/visit-keycloak.ts'
import { createAuth } from '../create-auth.ts'
import { syncGroups } from '../group-sync/sync-groups.ts'
import { createProviders } from '../identity-providers/index.ts'

const home = process.env['KEYCLOAK_HOME']

describe.skipIf(!home)('sign-in at a real Keycloak', () => {
  let keycloak: HubRealm
  let database: TestDatabase
  let hub: TestHub

  beforeAll(async () => {
    const redirectUri = `${hubOrigin}/api/auth/callback/oidc`
    ;[keycloak, database] = await Promise.all([joinKeycloak({ redirectUri }), databases[0].open()])
    hub = await startHub({
      db: database.db,
      env: environment(),
    })
  }, 150_000)
  const environment = () => ({
    OIDC_PROVIDER_ISSUER: keycloak.issuer,
    OIDC_PROVIDER_CLIENT_ID: keycloak.clientId,
    OIDC_PROVIDER_CLIENT_SECRET: keycloak.clientSecret,
  })

  afterAll(async () => {
    await hub?.stop()
    await database?.dispose()
  })

  test('a person signs in with a password there, once per callback', async () => {
    const browser = hub.browser()
    const callback = await signInThere(await browser.startLogin(), keycloak)
    const response = await browser.finishLogin(callback.searchParams)
    expect(response.status).toBe(303)
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
      principal: expect.stringMatching(/^oidc:[0-9a-f-]{36}$/),
      displayName: 'Ada Lovelace',
      email: 'ada@example.com',
    })
    expect((await browser.finishLogin(callback.searchParams)).status).toBe(400)
  })

  test('groups come with the sign-in, and go with the next one after leaving', async () => {
    const signIn = async () => {
      const browser = hub.browser()
      const callback = await signInThere(await browser.startLogin(), keycloak)
      expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
      const { identities } = database.db.tables
      return (await database.db.read.select().from(identities))[0]!
    }
    const named = (name: string) => ({ id: name, name })
    expect(await signIn()).toMatchObject({ groups: [named('ml-team')], groupsState: 'fresh' })
    await keycloak.setMembership('platform', true)
    await keycloak.setMembership('ml-team', false)
    expect(await signIn()).toMatchObject({ groups: [named('platform')], groupsState: 'fresh' })
    await keycloak.setMembership('platform', false)
    expect(await signIn()).toMatchObject({ groups: [], groupsState: 'fresh' })
  })

  test('#24 with offline_access, leaving a group takes what it gave at the next look-up', async () => {
    const other = await startHub({
      db: database.db,
      env: {
        ...environment(),
        OIDC_PROVIDER_SCOPES: 'offline_access',
        GROUP_SYNC_INTERVAL: 'off',
      },
    })
    try {
      await keycloak.setMembership('ml-team', true)
      const browser = other.browser()
      const callback = await signInThere(await browser.startLogin(), keycloak)
      expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
      const { grants, groupMappings, identities } = database.db.tables
      const identity = async () => (await database.db.read.select().from(identities))[0]!
      expect(await identity()).toMatchObject({ groups: [{ id: 'ml-team' }] })
      const { userId } = await identity()
      const mapping = {
        id: 'm',
        provider: 'oidc',
        groupId: 'ml-team',
        role: 'viewer',
        createdAt: new Date(),
        createdBy: 'test',
      }
      await database.db.transaction((tx) => tx.queries.insert(groupMappings).values(mapping))
      const sync = async () => {
        const now = () => new Date()
        const log = createLogger('silent')
        const auth = createAuth({
          config: other.config,
          fetch,
          now,
          log,
          restingInstances: new Set(),
        })
        await syncGroups({ db: database.db, auth, now, log }, now(), {
          signal: AbortSignal.timeout(20_000),
          lease: null,
        })
        return (await database.db.read.select().from(grants)).filter(
          (grant) => grant.userId === userId,
        )
      }
      expect(await sync()).toMatchObject([{ source: 'group', mappingId: 'm' }])
      // The person's own session there is over: an offline token outlives it.
      await keycloak.endSessions()
      await keycloak.setMembership('ml-team', false)
      expect(await sync()).toEqual([])
      expect(await identity()).toMatchObject({ groups: [], groupsState: 'fresh' })
      await keycloak.setMembership('ml-team', true)
      expect(await sync()).toHaveLength(1)
    } finally {
      await keycloak.setMembership('ml-team', false)
      await other.stop()
    }
  })

  test.each([['offline_access'], [undefined]])(
    'H20: whoever is disabled there is out at the next look-up, and in again by a sign-in (scopes: %s)',
    async (scopes) => {
      const other = await startHub({
        db: database.db,
        env: { ...environment(), OIDC_PROVIDER_SCOPES: scopes, GROUP_SYNC_INTERVAL: 'off' },
      })
      const signIn = async () => {
        const browser = other.browser()
        const callback = await signInThere(await browser.startLogin(), keycloak)
        expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
        return browser
      }
      try {
        const browser = await signIn()
        const statusOf = async () => (await browser.get('/api/auth/me')).status
        const now = () => new Date()
        const log = createLogger('silent')
        const { config } = other
        const auth = createAuth({ config, fetch, now, log, restingInstances: new Set() })
        const sync = () =>
          syncGroups({ db: database.db, auth, now, log }, now(), {
            signal: AbortSignal.timeout(20_000),
            lease: null,
          })
        await sync()
        expect(await statusOf()).toBe(200)
        await keycloak.setEnabled(false)
        await sync()
        expect(await statusOf()).toBe(401)
        const { identities } = database.db.tables
        const identity = async () => (await database.db.read.select().from(identities))[0]!
        expect(await identity()).toMatchObject({
          groups: null,
          tokensSealed: null,
          withdrawnReason: 'invalid_grant',
        })
        await keycloak.setEnabled(true)
        expect((await (await signIn()).get('/api/auth/me')).status).toBe(200)
        expect(await identity()).toMatchObject({ withdrawnAt: null })
      } finally {
        await keycloak.setEnabled(true)
        await other.stop()
      }
    },
  )

  test('H22: with offline_access, whoever has no such role signs in too, without it', async () => {
    const other = await startHub({
      db: database.db,
      env: { ...environment(), OIDC_PROVIDER_SCOPES: 'offline_access' },
    })
    try {
      await keycloak.setRole('offline_access', false)
      const browser = other.browser()
      const jar: Jar = new Map()
      const first = await signInThere(await browser.startLogin(), keycloak, jar)
      const restarted = await browser.finishLogin(first.searchParams)
      expect(restarted.status).toBe(303)
      const again = new URL(restarted.headers.get('location')!)
      expect(again.searchParams.get('scope')).not.toContain('offline_access')
      // The session there answers at once.
      const answer = await visit(again, jar)
      const callback = new URL(answer.headers.get('location')!)
      expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
      expect((await browser.get('/api/auth/me')).status).toBe(200)
      const { identities } = database.db.tables
      const [identity] = await database.db.read.select().from(identities)
      expect(identity).toMatchObject({ groupsState: 'fresh', tokensSealed: null })
    } finally {
      await keycloak.setRole('offline_access', true)
      await other.stop()
    }
  })

  test('realm roles serve as groups as well', async () => {
    const other = await startHub({
      db: database.db,
      env: { ...environment(), OIDC_PROVIDER_GROUPS_CLAIM: 'realm_access.roles' },
    })
    const browser = other.browser()
    const callback = await signInThere(await browser.startLogin(), keycloak)
    expect((await browser.finishLogin(callback.searchParams)).status).toBe(303)
    const { identities } = database.db.tables
    const identity = (await database.db.read.select().from(identities))[0]!
    expect(identity.groups!.map(({ id }) => id)).toContain('hub-deployer')
    await other.stop()
  })

  test('its session is known by its sid, and signing in again is a new proof', async () => {
    const browser = hub.browser()
    const first = await signInThere(await browser.startLogin(), keycloak)
    await browser.finishLogin(first.searchParams)
    const { sessions } = database.db.tables
    const rows = await database.db.read.select().from(sessions)
    expect(new Set(rows.map(({ providerSessionId }) => providerSessionId)).size).toBe(rows.length)
    expect(rows.every(({ providerSessionId }) => Boolean(providerSessionId))).toBe(true)
    await browser.send('POST', '/api/auth/logout')
    const url = await browser.startLogin()
    expect(url.searchParams.get('max_age')).toBe('0')
    const again = await signInThere(url, keycloak)
    expect((await browser.finishLogin(again.searchParams)).status).toBe(303)
  })

  test('its session ends at the address that the hub makes, with the id_token that it gave', async () => {
    const [provider] = createProviders({
      config: loadConfig({
        HUB_MODE: 'true',
        SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
        ENABLED_AUTH_PROVIDERS: 'oidc',
        ...environment(),
      }),
      fetch,
      now: () => new Date(),
    })
    const request = {
      state: 'state',
      nonce: 'nonce',
      codeVerifier: 'v'.repeat(43),
      redirectUri: `${hubOrigin}/api/auth/callback/oidc`,
      forceLogin: false,
    }
    const jar: Jar = new Map()
    const authorizationUrl = await provider!.createAuthorizationUrl(request)
    const { searchParams } = await signInThere(authorizationUrl, keycloak, jar)
    const identity = await provider!.redeem({
      ...request,
      code: searchParams.get('code')!,
      iss: searchParams.get('iss')!,
      authenticatedAfter: null,
      signal: AbortSignal.timeout(10_000),
    })
    expect(identity).toMatchObject({ providerSessionId: expect.any(String), tokens: {} })
    expect((await visit(authorizationUrl, jar)).status).toBe(302)

    const { idToken } = identity
    const evil = { idToken, returnTo: 'https://evil.example.com/' }
    expect((await visit((await provider!.createLogoutUrl!(evil))!, jar)).status).toBe(400)
    const returnTo = `${hubOrigin}/login`
    const out = await visit((await provider!.createLogoutUrl!({ idToken, returnTo }))!, jar)
    expect(out.headers.get('location')).toBe(returnTo)
    expect((await visit(authorizationUrl, jar)).status).toBe(200)
  })

  test('a code that Keycloak has seen before is refused', async () => {
    const [one, two] = [hub.browser(), hub.browser()]
    const callback = await signInThere(await one.startLogin(), keycloak)
    expect((await one.finishLogin(callback.searchParams)).status).toBe(303)
    const other = await signInThere(await two.startLogin(), keycloak)
    other.searchParams.set('code', callback.searchParams.get('code')!)
    const response = await two.finishLogin(other.searchParams)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('/login?error=login-failed')
  })
})
