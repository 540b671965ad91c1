import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import { eq } from 'drizzle-orm'
import type { DeploymentList, Me } from '@hub/shared'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import { createConfigured } from '#access'
import { createLogger } from '#log'
import { databases, type TestDatabase } from '../../test/databases.ts'
import { startEntra } from '../../test/entra.ts'
import { socketOf, hubOrigin, startHub, type TestHub } from '../../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../../test/odd-identity-provider.ts'
import {
  createKey,
  startTokenIssuer,
  type Claims,
  type TokenIssuer,
} from '../../test/token-issuer.ts'
import { createBearers } from './create-bearers.ts'

const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'
type Init = { method?: string; headers?: Record<string, string>; body?: string }
const seconds = () => Math.floor(Date.now() / 1000)

describe.each(databases)('JWT bearers on $dialect', ({ open }) => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let issuer: TokenIssuer
  let strict: TokenIssuer
  let unmarked: TokenIssuer
  let evil: Server
  let evilUrl: string
  const evilRequests: string[] = []
  let hub: TestHub

  beforeAll(async () => {
    evil = createServer((req, res) => {
      evilRequests.push(req.url!)
      res.end('{}')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => evil.once('listening', resolve))
    evilUrl = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`
    ;[database, identityProvider, issuer, strict, unmarked] = await Promise.all([
      open(),
      startOddIdentityProvider(),
      startTokenIssuer(),
      startTokenIssuer(),
      startTokenIssuer(),
    ])
    hub = await startHub({
      db: database.db,
      identityProvider,
      env: {
        JWT_ISSUERS: [
          `${issuer.issuer};hub`,
          `${strict.issuer};hub;at+jwt`,
          `${identityProvider.issuer};hub`,
          `${identityProvider.issuer};${identityProvider.clientId}`,
          `${unmarked.issuer};hub;any`,
        ].join(','),
        HUB_GRANTS: JSON.stringify([
          { principal: `service:ci@${issuer.issuer}`, role: 'viewer', instanceId: 'prod-east' },
          { principal: 'oidc:ada', role: 'viewer' },
        ]),
      },
    })
  })
  afterAll(async () => {
    await hub.stop()
    evil.close()
    const servers = [identityProvider, issuer, strict, unmarked]
    await Promise.all([database.dispose(), ...servers.map((server) => server.stop())])
  })

  let peers = 0
  /** Each from an address of its own: one that presents many wrong ones is held back. */
  const ask = (token: string, path = '/api/instances', init: Init = {}) => {
    const headers = new Headers({ authorization: `Bearer ${token}`, ...init.headers })
    const peer = `10.1.${(peers += 1) >> 8}.${peers & 255}`
    return hub.app.request(`${hubOrigin}${path}`, { ...init, headers }, socketOf(peer, headers))
  }
  const statusOf = async (token: string) => (await ask(token)).status
  const codeOf = async (response: Response) =>
    [response.status, ((await response.json()) as { code: string }).code] as const
  const expectRefused = async (token: string) => {
    const response = await ask(token)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(await codeOf(response)).toEqual([401, 'invalid-token'])
  }

  test("a client's own token is its service principal, with the grants of the configuration", async () => {
    const token = await issuer.sign()
    expect(await statusOf(token)).toBe(200)
    expect(await codeOf(await ask(token, `${deployments}/x`))).toEqual([404, 'not-found'])
    const write = await ask(token, deployments, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x', spec: { model: { id: 'x' } } }),
    })
    expect(await codeOf(write)).toEqual([403, 'forbidden'])
    const [denial] = await selectAuditRows(database.db, 1)
    expect(denial).toMatchObject({
      actor: `service:ci@${issuer.issuer}`,
      action: 'access.denied',
    })
    expect(await codeOf(await ask(token, '/api/auth/me'))).toEqual([403, 'forbidden'])
    expect(await codeOf(await ask(token, '/api/auth/tokens'))).toEqual([403, 'forbidden'])
  })

  test('a program without grants sees nothing and may nothing, and is there to be granted to', async () => {
    const token = await issuer.sign({ sub: 'newcomer', azp: 'newcomer' })
    const page = (await (await ask(token, '/api/deployments')).json()) as DeploymentList
    expect(page.items).toEqual([])
    expect(await codeOf(await ask(token, '/api/instances/prod-east'))).toEqual([404, 'not-found'])
    expect(await codeOf(await ask(token, '/api/admin/credentials'))).toEqual([403, 'forbidden'])
    const { servicePrincipals } = database.db.tables
    const rows = await database.db.read
      .select()
      .from(servicePrincipals)
      .where(eq(servicePrincipals.clientId, 'newcomer'))
    expect(rows).toMatchObject([
      { issuer: issuer.issuer, principal: `service:newcomer@${issuer.issuer}` },
    ])
    const made = (await selectAuditRows(database.db, 10)).filter(
      ({ action, target }) =>
        action === 'service-principal.create' && target?.['principal'] === rows[0]!.principal,
    )
    expect(made).toHaveLength(1)
  })

  test('a grant of the database counts for a program, and a disabled one is 403', async () => {
    const token = await issuer.sign({ sub: 'robot', azp: 'robot' })
    await ask(token)
    const { servicePrincipals } = database.db.tables
    const [row] = await database.db.read
      .select()
      .from(servicePrincipals)
      .where(eq(servicePrincipals.clientId, 'robot'))
    const { id } = row!
    await database.db.transaction(async (tx) => {
      await tx.queries.insert(tx.tables.grants).values({
        id: 'robot-grant',
        userId: null,
        servicePrincipalId: id,
        role: 'admin',
        instanceId: null,
        namespaces: null,
        source: 'manual',
        endsAt: null,
        createdAt: new Date(),
        createdBy: 'test',
      })
      await tx.announce({ topic: 'grants', subject: id })
    })
    await expect
      .poll(async () => (await ask(token, '/api/admin/credentials')).status, { timeout: 20_000 })
      .toBe(200)
    await database.db.transaction(async (tx) => {
      await tx.queries
        .update(servicePrincipals)
        .set({ disabledAt: new Date() })
        .where(eq(servicePrincipals.id, id))
      await tx.announce({ topic: 'service-principal', subject: id })
    })
    await expect
      .poll(async () => codeOf(await ask(token)), { timeout: 20_000 })
      .toEqual([403, 'user-disabled'])
  })

  test.each<[string, Claims]>([
    ['RFC 9068 and Okta', { sub: 'ci', azp: undefined, client_id: 'ci' }],
    ['Auth0', { sub: 'ci@clients', azp: 'ci', gty: 'client-credentials' }],
    [
      'Keycloak',
      { sub: 'b7c1', azp: 'ci', client_id: 'ci', preferred_username: 'service-account-ci' },
    ],
    [
      'Entra',
      {
        sub: 'oid-1',
        oid: 'oid-1',
        tid: 't',
        azp: 'ci',
        scope: undefined,
        roles: ['x'],
        idtyp: 'app',
      },
    ],
    ['an issuer without clients, by its subject', { sub: 'ci', azp: undefined }],
  ])('a program is known as %s names it', async (_name, claims) => {
    expect(await codeOf(await ask(await issuer.sign(claims), `${deployments}/x`))).toEqual([
      404,
      'not-found',
    ])
    expect(await statusOf(await issuer.sign(claims))).toBe(200)
  })

  test.each<[string, Claims]>([
    ['a plain token', { sub: 'somebody' }],
    ['Keycloak', { sub: 'b7c1', preferred_username: 'somebody', sid: 's' }],
    [
      'Keycloak, a user named like a service account',
      { sub: 'b7c1', preferred_username: 'service-account-ci' },
    ],
    ['Entra', { sub: 'pairwise', oid: 'oid-1', tid: 't', scp: 'user' }],
    ['Auth0', { sub: 'auth0|1', gty: 'password' }],
  ])(
    "a person's token through a granted client is not that client's: %s",
    async (_name, claims) => {
      expect(await codeOf(await ask(await issuer.sign(claims)))).toEqual([403, 'forbidden'])
    },
  )

  test('a person whom the hub knows is that person; one whom it does not is 403 and not made', async () => {
    const token = await identityProvider.signAccessToken({ sub: 'ada' })
    expect(await codeOf(await ask(token))).toEqual([403, 'forbidden'])
    const { users } = database.db.tables
    expect(await database.db.read.select().from(users)).toEqual([])
    identityProvider.beHonest()
    const browser = hub.browser()
    await browser.finishLogin(identityProvider.authorize(await browser.startLogin()))
    const me = (await (await ask(token, '/api/auth/me')).json()) as Me
    expect(me).toMatchObject({
      principal: 'oidc:ada',
      provider: 'oidc',
      authenticatedAt: null,
      grants: [{ role: 'viewer' }],
    })
    const made = await ask(token, '/api/auth/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x', roleCeiling: 'viewer', expiresInDays: 1 }),
    })
    expect(await codeOf(made)).toEqual([403, 'forbidden'])
  })

  test("another issuer's subject of the same name is somebody else", async () => {
    const token = await issuer.sign({ sub: 'ada', azp: 'cli' })
    expect(await codeOf(await ask(token))).toEqual([403, 'forbidden'])
  })

  test('#32 a JWT of a person disabled in the hub is 403 user-disabled', async () => {
    await hub.browser().signIn('jwt-leaver')
    const token = await identityProvider.signAccessToken({ sub: 'jwt-leaver' })
    expect((await ask(token, '/api/auth/me')).status).toBe(200)
    const { identities, users } = database.db.tables
    await database.db.transaction(async (tx) => {
      const [row] = await tx.queries
        .select()
        .from(identities)
        .where(eq(identities.subject, 'jwt-leaver'))
      const { userId } = row!
      await tx.queries.update(users).set({ disabledAt: new Date() }).where(eq(users.id, userId))
      await tx.announce({ topic: 'user', subject: userId })
    })
    await expect
      .poll(async () => codeOf(await ask(token)), { timeout: 20_000 })
      .toEqual([403, 'user-disabled'])
  })

  test('#32 an unverified JWT is never believed where no issuer is configured', async () => {
    const without = await startHub({ db: database.db, identityProvider })
    try {
      for (const token of [
        await identityProvider.signAccessToken({ sub: 'ada' }),
        new UnsecuredJWT({ iss: identityProvider.issuer, sub: 'ada', aud: 'hub' }).encode(),
      ]) {
        const response = await without.app.request(`${hubOrigin}/api/auth/me`, {
          headers: { authorization: `Bearer ${token}` },
        })
        expect(response.status).toBe(401)
      }
    } finally {
      await without.stop()
    }
  })

  test.each<[string, () => Claims, number]>([
    ['exp = now − 4', () => ({ exp: seconds() - 4 }), 200],
    ['exp = now − 5', () => ({ exp: seconds() - 5 }), 401],
    ['exp = now − 60', () => ({ exp: seconds() - 60 }), 401],
    ['nbf = now + 5', () => ({ nbf: seconds() + 5 }), 200],
    ['nbf = now + 6', () => ({ nbf: seconds() + 6 }), 401],
    ['no exp', () => ({ exp: undefined }), 401],
  ])('#27 %s', async (_name, claims, status) => {
    // The second at which it is signed is the one at which it is checked.
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now())
    try {
      expect(await statusOf(await issuer.sign(claims()))).toBe(status)
    } finally {
      clock.mockRestore()
    }
  })

  test('#27 a token that was good a moment ago ends with its expiry', async () => {
    const token = await issuer.sign({ exp: seconds() + 30 })
    expect(await statusOf(token)).toBe(200)
    hub.advance(36_000)
    try {
      await expectRefused(token)
    } finally {
      hub.advance(-36_000)
    }
  })

  test('#28 a token that its issuer did not sign is 401, whatever its header says, and nobody else is asked', async () => {
    const claims = { iss: issuer.issuer, aud: 'hub', sub: 'ci', azp: 'ci', exp: seconds() + 300 }
    const own = await createKey('own')
    const pem = await exportSPKI(issuer.key().publicKey)
    const forge = (header: Record<string, unknown>) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: issuer.key().kid, ...header })
        .sign(own.privateKey)
    const hs256 = (secret: string) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret))
    const crit = await issuer.sign()
    const [, payload, signature] = crit.split('.')
    const critical = Buffer.from(
      JSON.stringify({ alg: 'RS256', kid: 'k1', crit: ['x-hub'], 'x-hub': 1 }),
    ).toString('base64url')
    const forged = [
      new UnsecuredJWT(claims).encode(),
      await hs256(pem),
      await hs256(JSON.stringify(issuer.key().jwk)),
      await forge({}),
      await forge({ jwk: own.jwk }),
      await forge({ jku: `${evilUrl}/jwks` }),
      await forge({ x5u: `${evilUrl}/x5u` }),
      await forge({ kid: '../../../../dev/null' }),
      await forge({ kid: "k1' OR '1'='1" }),
      `${critical}.${payload}.${signature}`,
      `${critical}.${Buffer.from('{"iss":{"x":1},"sub":1,"aud":2,"exp":"x"}').toString('base64url')}.x`,
      `${critical}.${Buffer.from('[]').toString('base64url')}.x`,
      'a.b.c.d.e',
      'x'.repeat(17_000),
      `${crit}x`,
    ]
    expect(await statusOf(crit)).toBe(200)
    for (const token of forged) await expectRefused(token)
    expect(evilRequests).toEqual([])
    expect(new Set(issuer.requests)).toEqual(
      new Set(['/.well-known/openid-configuration', '/jwks']),
    )
  })

  test.each<[string, (url: string) => Claims]>([
    ['another issuer', () => ({ iss: 'https://evil.example.com' })],
    ['a trailing slash after the issuer', (url) => ({ iss: `${url}/` })],
    ['the issuer in capitals', (url) => ({ iss: url.toUpperCase() })],
    ['no issuer', () => ({ iss: undefined })],
    ['another audience', () => ({ aud: 'other' })],
    ['an audience that begins alike', () => ({ aud: ['hub2', 'hu'] })],
    ['no audience', () => ({ aud: undefined })],
    ['no subject', () => ({ sub: undefined })],
  ])('#29 the right key with %s is 401', async (_name, claims) => {
    await expectRefused(await issuer.sign(claims(issuer.issuer)))
  })

  test('#29 one of several audiences is enough', async () => {
    expect(await statusOf(await issuer.sign({ aud: ['account', 'hub'] }))).toBe(200)
  })

  test('#29 the log says what to do about a missing audience, and the token is not in it', async () => {
    const token = await issuer.sign({ aud: undefined })
    const response = await ask(token)
    expect(hub.lines.join('')).toContain('token has no audience; add an Audience mapper')
    expect(hub.lines.join('')).not.toContain(token.slice(-40))
    expect(hub.lines.find((line) => line.includes('a bearer token was refused'))).toContain(
      `"issuer":"${issuer.issuer}"`,
    )
    // Outside production the caller is told as well.
    expect(response.headers.get('www-authenticate')).toContain('add an Audience mapper')
  })

  test.each<[string, Claims, Record<string, string>]>([
    ['an id_token with a nonce', { nonce: 'n' }, {}],
    ['an id_token with at_hash', { at_hash: 'x' }, {}],
    ['an id_token for the client alone', { aud: 'hub', azp: 'hub', scope: undefined }, {}],
    ["Keycloak's id_token", { typ: 'ID' }, {}],
    ["Keycloak's refresh token", { typ: 'Refresh' }, {}],
    ["Keycloak's offline token", { typ: 'Offline' }, {}],
    ['a logout token', { events: {} }, {}],
    ['a logout token by its type', {}, { typ: 'logout+jwt' }],
    ['a DPoP proof', {}, { typ: 'dpop+jwt' }],
  ])('#30 %s is no API bearer', async (_name, claims, header) => {
    await expectRefused(await issuer.sign(claims, header))
  })

  const refreshed = {
    // As Entra answers to a refresh: no nonce, no at_hash.
    sub: 'pairwise',
    azp: undefined,
    scope: undefined,
    ver: '2.0',
    oid: 'oid-1',
    tid: 't',
    name: 'Ada',
    preferred_username: 'ada@contoso.example',
    uti: 'x',
    rh: 'y',
  }

  test.each<[string, Claims]>([
    ['that came of a refresh at Entra', refreshed],
    ['with app roles', { ...refreshed, roles: ['Hub.Admin'] }],
    ['with app roles, for an app without idtyp', { ...refreshed, oid: 'pairwise', roles: ['x'] }],
    ['with roles of no kind', { ...refreshed, idtyp: 'app', roles: [] }],
    ['with roles that are none', { ...refreshed, idtyp: 'app', roles: [1] }],
    ['with idtyp alone', { ...refreshed, idtyp: 'app' }],
    ['with an empty scope', { ...refreshed, scope: '' }],
    ['with a blank scope', { ...refreshed, scope: ' ' }],
    ['with a scope that is a number', { ...refreshed, scope: 1 }],
    ['with a scope that is true', { ...refreshed, scope: true }],
    ['with a scope that is a list of nothing', { ...refreshed, scp: [] }],
    ['with a list of scopes that is none', { ...refreshed, scp: ['user', null] }],
    ['with an object for a scope', { ...refreshed, scp: { user: true } }],
    ['for another client', { sub: 'somebody', azp: 'spa', scope: undefined }],
  ])('H15: an id_token %s is no bearer, and is told why', async (_name, claims) => {
    const response = await ask(await issuer.sign(claims))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('nothing in it says that it is')
  })

  test.each<[string, Claims, Record<string, string>]>([
    ['its type', { scope: undefined }, { typ: 'at+jwt' }],
    ['its type, written otherwise', { scope: undefined }, { typ: 'Application/AT+JWT' }],
    ['Keycloak’s typ', { scope: undefined, typ: 'Bearer' }, { typ: 'JWT' }],
    ['a scope', { scope: 'openid' }, {}],
    ['Okta’s list of scopes', { scope: undefined, scp: ['hub.read'] }, {}],
    ['Entra’s scopes', { scope: undefined, scp: 'user_impersonation' }, {}],
    ['Entra’s roles of an app', { scope: undefined, roles: ['x'], idtyp: 'app' }, {}],
  ])('H15: an access token is known by %s', async (_name, claims, header) => {
    expect(await statusOf(await issuer.sign(claims, header))).toBe(200)
  })

  test.each<[string, Claims, Record<string, unknown>]>([
    ['a type that is no text', {}, { typ: 1 }],
    ['a claim typ that is no text', { typ: ['Bearer'] }, {}],
    ['an id_token by its type', {}, { typ: 'id+jwt' }],
    ['a token that is bound to a key', { cnf: { jkt: 'x' } }, { typ: 'at+jwt' }],
  ])('H15: %s is no bearer', async (_name, claims, header) => {
    await expectRefused(await issuer.sign(claims, header))
    await expectRefused(await unmarked.sign(claims, header))
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['a number for a subject', { sub: 42 }, 'sub is a number, not text'],
    ['a subject without an end', { sub: 'x'.repeat(513) }, 'longer than 512'],
    ['a subject that no database keeps', { sub: 'a\u0000' }, 'characters that are none'],
    // It would pass for a program without a client.
    ['a number for a client', { sub: 'ada', azp: 7 }, 'azp is not a client id'],
    ['a list for a client', { sub: 'ada', azp: undefined, client_id: ['ci'] }, 'client_id'],
  ])('H27: a bearer with %s is refused with the true reason', async (_name, claims, reason) => {
    const response = await ask(await issuer.sign(claims))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain(reason)
  })

  test('H15: an issuer that marks none is taken at its word, but for what is an id_token all the same', async () => {
    const kubernetes = {
      sub: 'system:serviceaccount:ml:ci',
      azp: undefined,
      scope: undefined,
      'kubernetes.io': { namespace: 'ml' },
    }
    expect(await statusOf(await unmarked.sign(kubernetes))).toBe(200)
    await expectRefused(await issuer.sign(kubernetes))
    await expectRefused(await unmarked.sign({ aud: 'hub', azp: 'hub', scope: undefined }))
    await expectRefused(await unmarked.sign({ scope: undefined, nonce: 'n' }))
    await expectRefused(await unmarked.sign({ scope: undefined, typ: 'ID' }))
  })

  test('H15: what is for the client alone that people sign in with is no bearer, whatever it carries', async () => {
    const { clientId } = identityProvider
    for (const claims of [
      { aud: clientId },
      { aud: [clientId, clientId] },
      { aud: clientId, scope: 'openid hub' },
    ]) {
      const response = await ask(await identityProvider.signAccessToken({ sub: 'x', ...claims }))
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain(
        'the client that people sign in to this hub with',
      )
    }
    // For the API as well: good, but of somebody who never signed in.
    const both = await identityProvider.signAccessToken({ sub: 'x', aud: [clientId, 'hub'] })
    expect(await statusOf(both)).toBe(403)
    // Another issuer's audience of the same name is no client of ours.
    expect(await statusOf(await issuer.sign())).toBe(200)
  })

  test('#30 where an issuer marks its access tokens at+jwt, nothing else is one', async () => {
    await expectRefused(await strict.sign())
    await expectRefused(await strict.sign({}, { typ: 'JWT' }))
    expect(await statusOf(await strict.sign({}, { typ: 'at+jwt' }))).toBe(200)
    expect(await statusOf(await strict.sign({}, { typ: 'application/at+jwt' }))).toBe(200)
    expect(await statusOf(await issuer.sign({}, { typ: 'at+jwt' }))).toBe(200)
  })

  test('an open stream learns that its bearer is not good any more: disabled, revoked, over', async () => {
    const { db } = database
    const bearers = createBearers({
      config: hub.config,
      configured: createConfigured(hub.config),
      providers: [{ id: 'oidc' }],
      restingInstances: new Set(),
      takesGuestsOf: () => false,
      fetch,
      now: () => new Date(Date.now() + offsetMs),
      log: createLogger('silent'),
    })
    let offsetMs = 0
    const ctx = {
      db,
      now: () => new Date(Date.now() + offsetMs),
      log: createLogger('silent'),
      requestId: 'r',
      ip: null,
    }
    await hub.browser().signIn('watcher')
    const person = await bearers.authenticate(
      ctx,
      await identityProvider.signAccessToken({ sub: 'watcher' }),
    )
    const program = await bearers.authenticate(ctx, await issuer.sign())
    expect(await bearers.reauthenticate(ctx, person)).toMatchObject({ principal: 'oidc:watcher' })
    expect(await bearers.reauthenticate(ctx, program)).toMatchObject({ type: 'service' })
    if (person.type !== 'user' || program.type !== 'service') throw new Error('not as signed in')
    const { servicePrincipals, users } = db.tables
    await db.transaction(async (tx) => {
      const disabledAt = new Date()
      await tx.queries.update(users).set({ disabledAt }).where(eq(users.id, person.userId))
    })
    expect(await bearers.reauthenticate(ctx, person)).toBeNull()
    offsetMs = 306_000
    expect(await bearers.reauthenticate(ctx, program)).toBeNull()
    offsetMs = 0
    await db.transaction(async (tx) => {
      const key = eq(servicePrincipals.id, program.servicePrincipalId)
      await tx.queries.update(servicePrincipals).set({ disabledAt: new Date() }).where(key)
    })
    expect(await bearers.reauthenticate(ctx, program)).toBeNull()
  })
})

test('H15: the id_token of a refresh at Entra is no bearer, whatever JWT_ISSUERS says of its issuer', async () => {
  const [database, entra] = await Promise.all([databases[0].open(), startEntra()])
  const person = entra.addPerson({ roles: ['Hub.Admin'] })
  const verifier = 'v'.repeat(43)
  const redirectUri = `${hubOrigin}/api/auth/callback/entra`
  const authorizationUrl = new URL(`${entra.authority.origin}/authorize`)
  authorizationUrl.search = new URLSearchParams({
    state: 's',
    nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    redirect_uri: redirectUri,
  }).toString()
  const ask = async (grant: Record<string, string>) => {
    const url = `${entra.authority.origin}/${person.tenant}/oauth2/v2.0/token`
    const client = { client_id: entra.clientId, client_secret: entra.clientSecret }
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ ...client, ...grant }),
    })
    return (await answer.json()) as { id_token: string; refresh_token: string }
  }
  const signedIn = await ask({
    grant_type: 'authorization_code',
    code: entra.authorize(authorizationUrl, person).get('code')!,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  const refreshed = await ask({
    grant_type: 'refresh_token',
    refresh_token: signedIn.refresh_token,
  })
  expect(decodeJwt(refreshed.id_token)['nonce']).toBeUndefined()
  for (const mark of ['', ';any']) {
    for (const providers of ['entra', 'oidc']) {
      const hub = await startHub({
        db: database.db,
        env: {
          ...entra.environment(),
          ENABLED_AUTH_PROVIDERS: providers,
          OIDC_PROVIDER_ISSUER: 'https://id.example.com',
          OIDC_PROVIDER_CLIENT_ID: 'hub',
          JWT_ISSUERS: `${entra.issuerOf(person.tenant)};${entra.clientId}${mark}`,
          HUB_ADMINS: `entra:${person.tenant}:${person.objectId}`,
        },
      })
      const response = await hub.app.request(`${hubOrigin}/api/auth/me`, {
        headers: { authorization: `Bearer ${refreshed.id_token}` },
      })
      // Where nobody signs in with that client, `;any` says that it gives access tokens alone.
      const isTaken = mark !== '' && providers === 'oidc'
      expect([mark, providers, response.status]).toEqual([mark, providers, isTaken ? 403 : 401])
      await hub.stop()
    }
  }
  await Promise.all([database.dispose(), entra.stop()])
})
