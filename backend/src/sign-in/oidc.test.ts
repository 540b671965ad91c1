import { eq } from 'drizzle-orm'
import type { JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import { createSealedText } from '../secrets/sealed-text.ts'

const sessionSecret = 'b1946ac92492d2347c6235b4d2611184f3a8c6c1'

/** A claim that is undefined is left out. */
type Odd = { [Claim in keyof JWTPayload]: JWTPayload[Claim] | undefined }

describe.each(databases)('sign-in with any OpenID provider on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  const hubs: TestHub[] = []
  let subjects = 0

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([open(), startOddIdentityProvider()])
  })
  afterAll(() => Promise.all([database.dispose(), identityProvider.stop()]))
  // Each asks the database once a second for what others have changed.
  afterEach(async () => {
    await Promise.all(hubs.splice(0).map((hub) => hub.stop()))
    identityProvider.beHonest()
  })

  const start = async (env: Record<string, string> = {}) => {
    const hub = await startHub({ db: database.db, identityProvider, env })
    hubs.push(hub)
    return hub
  }
  const newSubject = () => `person-${(subjects += 1)}`
  const signIn = async (hub: TestHub, more: JWTPayload) => {
    const browser = hub.browser()
    const { claims } = identityProvider.answers
    identityProvider.answers.claims = (honest) => claims({ ...honest, ...more })
    const url = await browser.startLogin()
    const response = await browser.finishLogin(identityProvider.authorize(url))
    identityProvider.answers.claims = claims
    return { browser, response, url }
  }
  const identityOf = async (subject: string) => {
    const { identities } = database.db.tables
    const { read } = database.db
    return (await read.select().from(identities).where(eq(identities.subject, subject)))[0]!
  }
  const named = (...names: string[]) => names.map((name) => ({ id: name, name }))

  test.each<[string, string, JWTPayload, string[]]>([
    ['groups by default', 'groups', { groups: ['ml', 'ops', 'ml'] }, ['ml', 'ops']],
    ['a claim of another name', 'roles', { roles: ['a'], groups: ['b'] }, ['a']],
    [
      'Keycloak’s realm roles',
      'realm_access.roles',
      { realm_access: { roles: ['deployer'] } },
      ['deployer'],
    ],
    [
      'Auth0’s claims, whose names are addresses',
      'https://hub.example.com/groups',
      { 'https://hub.example.com/groups': ['x'] },
      ['x'],
    ],
    ['one group as a text', 'groups', { groups: 'only' }, ['only']],
    ['no groups', 'groups', { groups: [] }, []],
    ['a claim that is left out', 'groups', {}, []],
    ['a way that leads nowhere', 'a.b.c', { a: { b: 1 } }, []],
  ])('reads %s', async (_name, claim, claims, groups) => {
    const sub = newSubject()
    const hub = await start({ OIDC_PROVIDER_GROUPS_CLAIM: claim })
    expect((await signIn(hub, { sub, ...claims })).response.status).toBe(303)
    expect(await identityOf(sub)).toMatchObject({ groups: named(...groups), groupsState: 'fresh' })
  })

  test('leaving groups removes them; a claim that makes no sense changes nothing', async () => {
    const sub = newSubject()
    const hub = await start()
    await signIn(hub, { sub, groups: ['ml', 'ops'] })
    await signIn(hub, { sub, groups: ['ops'] })
    expect(await identityOf(sub)).toMatchObject({ groups: named('ops'), groupsState: 'fresh' })
    await signIn(hub, { sub, groups: [{ id: 1 }] })
    expect(await identityOf(sub)).toMatchObject({ groups: named('ops'), groupsState: 'stale' })
    await signIn(hub, { sub })
    expect(await identityOf(sub)).toMatchObject({ groups: [], groupsState: 'fresh' })
  })

  test('H21: null and empty take the last group away, and one odd entry hides no other', async () => {
    const sub = newSubject()
    const hub = await start()
    for (const nothing of [null, '', [], {}]) {
      await signIn(hub, { sub, groups: ['ml'] })
      expect(await identityOf(sub)).toMatchObject({ groups: named('ml'), groupsDropped: 0 })
      await signIn(hub, { sub, groups: nothing })
      expect(await identityOf(sub)).toMatchObject({ groups: [], groupsState: 'fresh' })
    }
    await signIn(hub, { sub, groups: ['ml', 7, { name: 'ops' }] })
    expect(await identityOf(sub)).toMatchObject({
      groups: named('ml', 'ops'),
      groupsState: 'fresh',
      groupsDropped: 1,
    })
    expect(hub.lines.join('')).toContain('entries that name no group were left out')
    await signIn(hub, { sub, groups: { ml: { org: 'x' } } })
    expect(await identityOf(sub)).toMatchObject({ groups: named('ml'), groupsDropped: 0 })
    // Nobody said anything that makes sense: what is known stays, and is marked.
    await signIn(hub, { sub, groups: 7 })
    expect(await identityOf(sub)).toMatchObject({ groups: named('ml'), groupsState: 'stale' })
  })

  test('H21: UserInfo goes on where the id_token stops on the way', async () => {
    const sub = newSubject()
    const hub = await start({ OIDC_PROVIDER_GROUPS_CLAIM: 'realm_access.roles' })
    identityProvider.answers.userinfo = { body: { sub, realm_access: { roles: ['ml'] } } }
    await signIn(hub, { sub, realm_access: { other: 1 } })
    expect(await identityOf(sub)).toMatchObject({ groups: named('ml'), groupsState: 'fresh' })
  })

  describe('H23: the client’s secret at the token endpoint', () => {
    const secrets = ['a+secret/with%signs==', 'blank and:colon', 'ümlaut&amp=1', '%2F~*-._']
    const methods = ['client_secret_basic', 'client_secret_post'] as const
    const ways = methods.flatMap((method) => secrets.map((secret) => ({ method, secret })))
    const listed = (...supported: string[]) => {
      identityProvider.answers.discovery = (document) => ({
        ...document,
        token_endpoint_auth_methods_supported: supported,
      })
    }

    test.each(ways)('$secret is shown rightly by $method', async ({ method, secret }) => {
      const hub = await start({
        OIDC_PROVIDER_CLIENT_SECRET: secret,
        OIDC_PROVIDER_CLIENT_AUTH: method,
      })
      identityProvider.answers.client = { method, secret }
      expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
    })

    test.each(ways)(
      'where the metadata is wrong, $secret is shown by $method in a second try, and from then on at once',
      async ({ method, secret }) => {
        listed(methods.find((each) => each !== method)!)
        const hub = await start({ OIDC_PROVIDER_CLIENT_SECRET: secret })
        identityProvider.answers.client = { method, secret }
        const asked = () => identityProvider.tokenRequests.length
        const before = asked()
        expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
        expect(asked() - before).toBe(2)
        expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
        expect(asked() - before).toBe(3)
        const lines = hub.lines.filter((line) => line.includes('token endpoint knows the hub'))
        expect(lines).toHaveLength(1)
        expect(lines[0]).toContain(`"method":"${method}"`)
        expect(hub.lines.join('')).not.toContain(JSON.stringify(secret).slice(1, -1))
      },
    )

    test('there are two tries at most, and none where the configuration says which way', async () => {
      const before = identityProvider.tokenRequests.length
      const asked = () => identityProvider.tokenRequests.length - before
      identityProvider.answers.client = { method: 'client_secret_post', secret: 'another' }
      const hub = await start()
      expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(401)
      expect(asked()).toBe(2)
      expect(hub.lines.join('')).toContain('invalid_client')
      const strict = await start({ OIDC_PROVIDER_CLIENT_AUTH: 'client_secret_basic' })
      expect((await signIn(strict, { sub: newSubject() })).response.status).toBe(401)
      expect(asked()).toBe(3)
    })

    test('a code that the first try used up is used up: the next sign-in goes the other way at once', async () => {
      const hub = await start()
      identityProvider.answers.burnsCodes = true
      identityProvider.answers.client = {
        method: 'client_secret_post',
        secret: 'a+secret/with%signs',
      }
      const first = await signIn(hub, { sub: newSubject() })
      expect(first.response.status).toBe(401)
      expect(await first.response.text()).toContain('no longer accepts this sign-in')
      expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
    })
  })

  test.each<[string, number, Record<string, string>, number]>([
    ['6 seconds ahead', 6, {}, 303],
    ['a minute ahead', 55, {}, 303],
    ['further ahead', 90, {}, 401],
    ['further ahead, as is allowed', 90, { JWT_LEEWAY_SECONDS: '120' }, 303],
    ['behind, a token that is over by it', -310, {}, 401],
    ['behind, as is allowed', -310, { JWT_LEEWAY_SECONDS: '60' }, 303],
  ])('H25: people sign in at a provider whose clock is %s', async (_name, offset, env, status) => {
    const hub = await start(env)
    const at = Math.floor(Date.now() / 1000) + offset
    const times = { iat: at, nbf: at, exp: at + 300, auth_time: at }
    const { response } = await signIn(hub, { sub: newSubject(), ...times })
    expect(response.status).toBe(status)
  })

  test.each([6, -30])(
    'H25: signing in anew is believed of a provider whose clock is %i seconds off',
    async (offset) => {
      const hub = await start()
      const browser = hub.browser()
      const url = await browser.startLogin('?prompt=login')
      const at = Math.floor(Date.now() / 1000) + offset
      const sub = newSubject()
      const answer = (authTime: number) => {
        identityProvider.answers.claims = (claims) => ({
          ...claims,
          sub,
          iat: at,
          exp: at + 300,
          auth_time: authTime,
        })
      }
      answer(at)
      expect((await browser.finishLogin(identityProvider.authorize(url))).status).toBe(303)
      const again = await browser.startLogin('?prompt=login')
      answer(at - 60)
      expect((await browser.finishLogin(identityProvider.authorize(again))).status).toBe(401)
    },
  )

  test('H26: in production people sign in at a plain http issuer that is named, and at no endpoint elsewhere', async () => {
    const env = {
      NODE_ENV: 'production',
      AUTH_CALLBACK_URL: hubOrigin,
      HUB_ALLOW_HTTP_ISSUERS: identityProvider.issuer,
      JWT_ISSUERS: `${identityProvider.issuer};hub`,
    }
    const hub = await start(env)
    const { response } = await signIn(hub, { sub: newSubject() })
    expect(response.status).toBe(303)
    identityProvider.answers.discovery = (document) => ({
      ...document,
      token_endpoint: 'http://idp.example/token',
    })
    const other = await start(env)
    const refused = await other.browser().get('/api/auth/login/oidc')
    expect(refused.status).toBe(502)
    expect(other.lines.join('')).toContain('is not where the issuer is')
  })

  describe('H27: what is oddly said', () => {
    const rule = { HUB_ALLOWED_EMAIL_DOMAINS: 'example.com' }

    test.each<[unknown, number]>([
      [true, 303],
      ['true', 303],
      [false, 403],
      ['false', 403],
      ['True', 403],
      ['yes', 403],
      [1, 403],
      ['1', 403],
      [['true'], 403],
      [{}, 403],
      [null, 403],
      [undefined, 403],
    ])('an address whose email_verified is %j: %i', async (verified, status) => {
      const hub = await start(rule)
      const { response } = await signIn(hub, { sub: newSubject(), email_verified: verified })
      expect(response.status).toBe(status)
    })

    test('UserInfo verifies its own address, and no other one', async () => {
      const hub = await start(rule)
      const sub = newSubject()
      const userinfo = (email: string) => {
        identityProvider.answers.userinfo = {
          body: { sub, name: 'Ada', email, email_verified: 'true' },
        }
      }
      const thin = { sub, name: undefined }
      userinfo('ada@elsewhere.example')
      expect((await signIn(hub, { ...thin, email: 'ada@example.com' })).response.status).toBe(403)
      userinfo('ada@example.com')
      expect((await signIn(hub, { ...thin, email: 'ada@example.com' })).response.status).toBe(303)
      expect((await signIn(hub, { ...thin, email: undefined })).response.status).toBe(303)
    })

    const readSigned = async (change: Odd, forge?: string) => {
      const sub = newSubject()
      const hub = await start()
      if (forge === 'key') identityProvider.answers.forgedSignature = true
      const { clientId, issuer } = identityProvider
      const claims = { iss: issuer, aud: clientId, sub, groups: ['ml'], ...change }
      const token = await identityProvider.signClaims(
        Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)),
      )
      identityProvider.answers.forgedSignature = false
      identityProvider.answers.signedUserinfo =
        forge !== undefined && forge !== 'key' ? forge : token
      expect((await signIn(hub, { sub, name: undefined })).response.status).toBe(303)
      const { groups, groupsState } = await identityOf(sub)
      return { groups, groupsState, log: hub.lines.join('') }
    }

    test.each<[string, Odd]>([
      ['as it should be', {}],
      ['without iss and aud', { iss: undefined, aud: undefined }],
      ['for several', { aud: ['other', 'hub-under-test'] }],
    ])('signed UserInfo %s is verified and taken', async (_name, change) => {
      expect(await readSigned(change)).toMatchObject({
        groups: named('ml'),
        groupsState: 'fresh',
      })
    })

    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`
    const symmetric = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.AA`
    test.each<[string, Odd, string | undefined, string]>([
      ['of another person', { sub: 'mallory' }, undefined, "another person's"],
      ['of another issuer', { iss: 'https://evil.example' }, undefined, 'another issuer'],
      ['for another client', { aud: 'other' }, undefined, 'another client'],
      ['that is over', { exp: 1 }, undefined, 'exp'],
      ['of a key that nobody published', {}, 'key', 'signature'],
      ['without a signature', {}, unsigned, 'signed with none'],
      ['signed by a secret', {}, symmetric, 'signed with HS256'],
      ['that is encrypted', {}, 'a.b.c.d.e', 'encrypted'],
      ['that is none', {}, 'nothing', 'Invalid'],
    ])('signed UserInfo %s is refused, and why is said', async (_name, change, forge, reason) => {
      const read = await readSigned(change, forge)
      expect(read).toMatchObject({ groups: null, groupsState: 'unknown' })
      expect(read.log).toContain(reason)
    })

    test.each<[unknown, string]>([
      [42, 'sub is a number, not text'],
      [null, 'sub is not text'],
      [['ada'], 'sub is not text'],
      [' ', 'sub is empty'],
      ['x'.repeat(256), 'sub is longer than 255 characters'],
      ['a\u0000b', 'sub has characters that are none'],
      ['a\ud800', 'sub has characters that are none'],
    ])('a person called %j is refused with the true reason', async (sub, reason) => {
      const hub = await start()
      const { response } = await signIn(hub, { sub: sub as string })
      expect(response.status).toBe(401)
      expect(await response.text()).toContain(reason)
      expect(hub.lines.join('')).toContain(reason)
    })

    test.each(['CN=Ada Lovelace,OU=ML,O=Example', 'x'.repeat(255), 'Ада 🦊', 'a"b'])(
      'a person called %s signs in, and is the administrator whom HUB_ADMINS names',
      async (sub) => {
        const principal = `"oidc:${sub.replaceAll('"', '""')}"`
        const hub = await start({ HUB_ADMINS: `github:1, ${principal},oidc:other` })
        const { browser, response } = await signIn(hub, { sub })
        expect(response.status).toBe(303)
        expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
          principal: `oidc:${sub}`,
          grants: [{ role: 'admin', source: 'config' }],
        })
      },
    )

    test('names are cleaned of what no database keeps', async () => {
      const sub = newSubject()
      const hub = await start()
      const name = `Ada\u0000\nLovelace ${'x'.repeat(240)}🦊🦊`
      expect((await signIn(hub, { sub, name, sid: 'a\u0000' })).response.status).toBe(303)
      const { users } = database.db.tables
      const { userId } = await identityOf(sub)
      const rows = await database.db.read.select().from(users).where(eq(users.id, userId))
      expect(rows[0]!.displayName).toMatch(/^Ada Lovelace x+/)
      expect(rows[0]!.displayName.isWellFormed()).toBe(true)
    })
  })

  describe('H22: who may not give offline_access', () => {
    const offline = { OIDC_PROVIDER_SCOPES: 'offline_access groups' }
    const begin = async (hub: TestHub, query = '') => {
      const browser = hub.browser()
      return { browser, url: await browser.startLogin(query) }
    }
    const scopeOf = (url: URL) => url.searchParams.get('scope')!.split(' ')

    test.each<[string, () => void, Record<string, string>]>([
      [
        'at the token endpoint (Keycloak)',
        () =>
          (identityProvider.answers.tokenError = { status: 400, body: { error: 'not_allowed' } }),
        {},
      ],
      [
        'at the token endpoint, by the scope',
        () =>
          (identityProvider.answers.tokenError = { status: 400, body: { error: 'invalid_scope' } }),
        {},
      ],
      ['in the callback', () => undefined, { error: 'invalid_scope' }],
    ])('signs in without it where it is refused %s', async (_name, refuse, parameters) => {
      const sub = newSubject()
      const hub = await start(offline)
      // What an earlier sign-in gave is not used any more.
      identityProvider.answers.moreTokens = { refresh_token: 'earlier', scope: 'offline_access' }
      await signIn(hub, { sub })
      identityProvider.beHonest()
      expect((await identityOf(sub)).tokensSealed).not.toBeNull()
      const { browser, url } = await begin(hub)
      expect(scopeOf(url)).toContain('offline_access')
      refuse()
      const answer = identityProvider.authorize(url)
      for (const [name, value] of Object.entries(parameters)) answer.set(name, value)
      const first = await browser.finishLogin(answer)
      expect(first.status).toBe(303)
      const again = new URL(first.headers.get('location')!)
      expect(again.origin).toBe(identityProvider.issuer)
      expect(scopeOf(again)).toEqual(['openid', 'profile', 'email', 'groups'])
      expect(again.searchParams.get('state')).not.toBe(url.searchParams.get('state'))
      identityProvider.beHonest()
      identityProvider.answers.moreTokens = { refresh_token: 'of-the-session' }
      identityProvider.answers.claims = (claims) => ({ ...claims, sub, groups: ['ml'] })
      const second = await browser.finishLogin(identityProvider.authorize(again))
      expect([second.status, second.headers.get('location')]).toEqual([303, `${hubOrigin}/`])
      expect((await browser.get('/api/auth/me')).status).toBe(200)
      // Nobody looks these groups up again: the person's page says so.
      expect(await identityOf(sub)).toMatchObject({ groups: named('ml'), tokensSealed: null })
      expect(hub.lines.join('')).toContain('offline_access is refused; asking without it')
    })

    test('it is tried once, and as strictly as the first time', async () => {
      const hub = await start(offline)
      const { browser, url } = await begin(hub, '?prompt=login&return_to=%2Finstances')
      identityProvider.answers.tokenError = { status: 400, body: { error: 'not_allowed' } }
      const first = await browser.finishLogin(identityProvider.authorize(url))
      const again = new URL(first.headers.get('location')!)
      expect(again.searchParams.get('prompt')).toBe('login')
      const second = await browser.finishLogin(identityProvider.authorize(again))
      expect(second.status).toBe(401)
      identityProvider.beHonest()
    })

    test.each<[string, Record<string, string>, Record<string, string>]>([
      ['was not asked for', {}, { error: 'invalid_scope' }],
      ['is not what was refused', offline, { error: 'access_denied' }],
    ])('nothing is tried again where it %s', async (_name, env, parameters) => {
      const hub = await start(env)
      const { browser, url } = await begin(hub)
      const answer = identityProvider.authorize(url)
      for (const [name, value] of Object.entries(parameters)) answer.set(name, value)
      const status = parameters['error'] === 'access_denied' ? 403 : 401
      expect((await browser.finishLogin(answer)).status).toBe(status)
    })
  })

  test('keeps the provider’s session and when the person proved who they are', async () => {
    const sub = newSubject()
    const hub = await start()
    const authTime = Math.floor(Date.now() / 1000) - 3000
    const { browser } = await signIn(hub, { sub, sid: 'their-session', auth_time: authTime })
    expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
      authenticatedAt: new Date(authTime * 1000).toISOString(),
    })
    const { sessions } = database.db.tables
    const { userId } = await identityOf(sub)
    const rows = await database.db.read.select().from(sessions).where(eq(sessions.userId, userId))
    expect(rows[0]).toMatchObject({ providerSessionId: 'their-session' })
  })

  test('keeps a refresh token sealed, and the last one where none comes', async () => {
    const sub = newSubject()
    const hub = await start()
    await signIn(hub, { sub })
    expect((await identityOf(sub)).tokensSealed).toBeNull()
    identityProvider.answers.moreTokens = { refresh_token: 'lasting-token' }
    await signIn(hub, { sub })
    identityProvider.beHonest()
    await signIn(hub, { sub })
    const { tokensSealed } = await identityOf(sub)
    expect(await createSealedText([sessionSecret]).open(tokensSealed!)).toBe(
      '{"refreshToken":"lasting-token"}',
    )
    expect(hub.lines.join('')).not.toContain('lasting-token')
  })

  describe('Okta', () => {
    test('what its thin id_token lacks comes from the UserInfo endpoint', async () => {
      const sub = newSubject()
      identityProvider.answers.userinfo = {
        body: { sub, name: 'Thin Token', email: 'thin@example.com', groups: ['Everyone'] },
      }
      const hub = await start({ OIDC_PROVIDER_SCOPES: 'groups offline_access' })
      const { browser, url } = await signIn(hub, { sub, name: undefined, email: undefined })
      expect(url.searchParams.get('scope')).toBe('openid profile email groups offline_access')
      expect(await (await browser.get('/api/auth/me')).json()).toMatchObject({
        displayName: 'Thin Token',
        email: 'thin@example.com',
      })
      expect((await identityOf(sub)).groups).toEqual(named('Everyone'))
    })

    test.each([
      ['somebody else', { body: { sub: 'somebody-else', groups: ['admins'] } }],
      ['an error', { status: 500, body: {} }],
    ])(
      'a UserInfo endpoint that answers %s gives nothing and takes nothing',
      async (_, userinfo) => {
        const sub = newSubject()
        const hub = await start()
        identityProvider.answers.userinfo = { body: { sub, groups: ['ml'] } }
        await signIn(hub, { sub })
        identityProvider.answers.userinfo = userinfo
        expect((await signIn(hub, { sub })).response.status).toBe(303)
        expect(await identityOf(sub)).toMatchObject({ groups: named('ml'), groupsState: 'stale' })
      },
    )

    test('the id_token decides where both say something', async () => {
      const sub = newSubject()
      identityProvider.answers.userinfo = { body: { sub, name: 'Other', groups: ['u'] } }
      const hub = await start()
      await signIn(hub, { sub, groups: ['t'], name: undefined })
      expect((await identityOf(sub)).groups).toEqual(named('t'))
    })
  })

  test('Auth0: an issuer with a slash at its end is another one than without', async () => {
    const sub = newSubject()
    const issuer = `${identityProvider.issuer}/`
    identityProvider.answers.discovery = (document) => ({
      ...document,
      issuer,
      authorization_response_iss_parameter_supported: false,
    })
    const hub = await start({ OIDC_PROVIDER_ISSUER: issuer })
    const browser = hub.browser()
    identityProvider.answers.claims = (claims) => ({ ...claims, sub, iss: issuer })
    const parameters = identityProvider.authorize(await browser.startLogin())
    parameters.delete('iss')
    expect((await browser.finishLogin(parameters)).status).toBe(303)
    expect((await identityOf(sub)).issuer).toBe(issuer)

    const without = await start()
    expect((await without.browser().get('/api/auth/login/oidc')).status).toBe(502)
    expect(without.lines.join('')).toContain('set OIDC_PROVIDER_ISSUER to what it says')
  })

  test('Google: no prompt=login, and sign-in goes without groups', async () => {
    const sub = newSubject()
    identityProvider.answers.discovery = (document) => ({
      ...document,
      prompt_values_supported: ['none', 'consent', 'select_account'],
    })
    const hub = await start()
    const { browser } = await signIn(hub, { sub, hd: 'example.com' })
    await browser.send('POST', '/api/auth/logout')
    const url = await browser.startLogin()
    expect(url.searchParams.get('prompt')).toBe('select_account')
    expect(url.searchParams.has('max_age')).toBe(false)
  })

  test('a provider that takes the secret in the body alone gets it there', async () => {
    identityProvider.answers.discovery = (document) => ({
      ...document,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    })
    const hub = await start()
    expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
    const { authorization, body } = identityProvider.tokenRequests.at(-1)!
    expect(authorization).toBeUndefined()
    expect(body.get('client_secret')).toBe('a+secret/with%signs')
  })

  describe('a provider that takes requests in advance alone', () => {
    beforeEach(() => {
      identityProvider.answers.wantsPush = true
    })

    test.each(['client_secret_basic', 'client_secret_post'] as const)(
      'is given them with the secret, by %s, and the browser brings a reference alone',
      async (method) => {
        identityProvider.answers.client = { method, secret: 'a+secret/with%signs' }
        const hub = await start()
        expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
      },
    )

    test('and that refuses one is a page that says so, with the reason in the log', async () => {
      identityProvider.answers.client = { method: 'client_secret_post', secret: 'another' }
      const hub = await start()
      const page = await hub.browser().get('/api/auth/login/oidc')
      expect(page.status).toBe(401)
      expect(hub.lines.join('')).toContain('endpoint for pushed requests: invalid_client')
    })

    test('is not given them at an address in the clear, nor elsewhere', async () => {
      identityProvider.answers.discovery = (document) => ({
        ...document,
        pushed_authorization_request_endpoint: 'http://elsewhere.example/par',
      })
      const hub = await start()
      expect((await hub.browser().get('/api/auth/login/oidc')).status).toBe(502)
      expect(hub.lines.join('')).toContain('http://elsewhere.example/par does not use https')
    })
  })

  test('after signing out, a proof from before is refused where the provider dates it', async () => {
    const sub = newSubject()
    const hub = await start()
    const { browser } = await signIn(hub, { sub })
    await browser.send('POST', '/api/auth/logout')
    const seconds = () => Math.floor(Date.now() / 1000)
    for (const [authTime, status] of [
      [seconds() - 60, 401],
      [seconds(), 303],
    ] as const) {
      identityProvider.answers.claims = (claims) => ({ ...claims, sub, auth_time: authTime })
      const url = await browser.startLogin()
      expect(url.searchParams.get('prompt')).toBe('login')
      expect(url.searchParams.get('max_age')).toBe('0')
      const response = await browser.finishLogin(identityProvider.authorize(url))
      expect(response.status).toBe(status)
    }
  })

  test.each([
    [{ email: 'a@example.com', email_verified: true }, 303],
    [{ email: 'a@Example.com', email_verified: true }, 303],
    [{ email: 'a@example.com' }, 403],
    [{ email: 'a@example.com', email_verified: false }, 403],
    [{ email: 'a@example.com', email_verified: 'yes' }, 403],
    [{ email: 'a@evil.com', email_verified: true }, 403],
    [{ email: 'a@sub.example.com', email_verified: true }, 403],
    [{ email: 'a@evil.com@example.com', email_verified: false }, 403],
    [{ email_verified: true, email: undefined }, 403],
  ])('HUB_ALLOWED_EMAIL_DOMAINS and %j lead to %i', async (claims, status) => {
    const hub = await start({ HUB_ALLOWED_EMAIL_DOMAINS: 'example.com' })
    const { response } = await signIn(hub, { sub: newSubject(), ...claims })
    expect(response.status).toBe(status)
    const isIn = response.headers.getSetCookie().join().includes('hub_session=')
    expect(isIn).toBe(status === 303)
    const page = await response.text()
    expect(page.includes('/login?error=account-not-allowed')).toBe(status === 403)
  })

  test('a provider that writes null for what it does not say is one that does not say it', async () => {
    const hub = await start()
    identityProvider.answers.discovery = (document) => ({
      ...document,
      authorization_response_iss_parameter_supported: null,
      scopes_supported: null,
      end_session_endpoint: null,
    })
    identityProvider.answers.moreTokens = { error: null, refresh_token: null }
    expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
  })

  test('among keys that make no sense, those that do are found', async () => {
    const hub = await start()
    identityProvider.answers.moreKeys = [
      { use: 'sig', kid: 'without-kty' },
      { kty: 'RSA', use: 'sig', x5c: ['MII'] },
      { kty: 'OKP2', kid: 7 },
      null,
      'key',
    ]
    expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
  })

  test('a key that the provider has just rotated in is accepted at once', async () => {
    const hub = await start()
    expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
    await identityProvider.rotateKeys()
    expect((await signIn(hub, { sub: newSubject() })).response.status).toBe(303)
  })

  test('sign-in goes on with the kept keys and metadata while the provider cannot show them', async () => {
    const hub = await start()
    await signIn(hub, { sub: newSubject() })
    identityProvider.answers.misbehaves = {
      '/jwks': 'down',
      '/.well-known/openid-configuration': 'down',
    }
    const hour = 3_600_000
    let passed = 0
    const clockAhead = () => Math.floor(passed / 1000)
    const at = async (hours: number) => {
      hub.advance(hours * hour - passed)
      passed = hours * hour
      const now = Math.floor(Date.now() / 1000) + clockAhead()
      const { response } = await signIn(hub, { sub: newSubject(), iat: now, exp: now + 60 }).catch(
        () => ({ response: null }),
      )
      return response?.status
    }
    expect(await at(1)).toBe(303)
    expect(await at(23)).toBe(303)
    expect(await at(25)).toBeUndefined()
  })

  test('many sign-ins at once ask for the metadata and the keys once', async () => {
    const hub = await start()
    const paths = ['/.well-known/openid-configuration', '/jwks']
    const before = paths.map(identityProvider.countRequests)
    const responses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const browser = hub.browser()
        const url = await browser.startLogin()
        return browser.finishLogin(identityProvider.authorize(url))
      }),
    )
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([303]))
    // The first sign-ins of one person, all at once, make one person.
    const { identities } = database.db.tables
    const rows = await database.db.read.select().from(identities)
    expect(rows.filter(({ subject }) => subject === 'ada')).toHaveLength(1)
    const after = paths.map(identityProvider.countRequests)
    expect(after.map((count, index) => count - before[index]!)).toEqual([1, 1])
  })
})

describe('an OpenID provider that misbehaves', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await databases[0].open()
  })
  afterAll(() => database.dispose())

  const ways = ['huge', 'slow', 'silent', 'redirect', 'html', 'down'] as const
  const paths = ['/.well-known/openid-configuration', '/jwks', '/token'] as const

  test('each document that is huge, slow, silent, redirected, no JSON or away is a page within the time of a sign-in', async () => {
    const outcomes = await Promise.all(
      paths.flatMap((path) =>
        ways.map(async (way) => {
          const identityProvider = await startOddIdentityProvider()
          const hub = await startHub({ db: database.db, identityProvider })
          identityProvider.answers.misbehaves = { [path]: way }
          const startedAt = Date.now()
          const browser = hub.browser()
          const started = await browser.get('/api/auth/login/oidc')
          const location = started.headers.get('location')
          const response =
            location === null
              ? started
              : await browser.finishLogin(identityProvider.authorize(new URL(location)))
          const page = await response.text()
          await Promise.all([hub.stop(), identityProvider.stop()])
          return {
            case: `${path} ${way}`,
            status: response.status,
            hasWayOn: page.includes('<a href="/login?error=provider-unavailable'),
            inTime: Date.now() - startedAt < 11_000,
            isBounded: identityProvider.poured() < 16 * 1024 * 1024,
          }
        }),
      ),
    )
    expect(outcomes).toEqual(
      outcomes.map((outcome) => ({
        ...outcome,
        status: 502,
        hasWayOn: true,
        inTime: true,
        isBounded: true,
      })),
    )
  })

  test('#5 a discovery document that names another issuer is not believed', async () => {
    const identityProvider = await startOddIdentityProvider()
    const hub = await startHub({ db: database.db, identityProvider })
    identityProvider.answers.discovery = (document) => ({
      ...document,
      issuer: 'https://evil.example.com',
    })
    const response = await hub.browser().get('/api/auth/login/oidc')
    expect(response.status).toBe(502)
    expect(response.headers.get('location')).toBeNull()
    await Promise.all([hub.stop(), identityProvider.stop()])
  })
})
