import { startApiServer } from '@hub/demo'
import { OidcTrial, Problem, StartedTrial } from '@hub/shared'
import { hash } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readContents } from '../../../test/database-contents.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import { hubOrigin, type Browser } from '../../../test/hub.ts'
import { selectAuditRows } from '../../audit/store.ts'

const redirectUri = `${hubOrigin}/cluster-sign-in`

describeHub(
  "a cluster's own sign-in, tried",
  async ({ defer }) => {
    const cluster = await startApiServer()
    defer(() => cluster.stop())
    const kubeconfig = cluster.kubeconfig('client-certificate')
    return {
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_GRANTS: JSON.stringify([{ principal: 'oidc:ada', role: 'deployer' }]),
      },
      credentials: { prod: kubeconfig, other: kubeconfig },
    }
  },
  (world) => {
    let root: Browser

    beforeAll(async () => {
      root = world.hub.browser()
      await root.signIn('root')
    })
    afterEach(() => world.identityProvider.beHonest())

    const profileOf = (more: object = {}) => ({
      issuer: world.identityProvider.issuer,
      clientId: world.identityProvider.clientId,
      usernameClaim: 'email',
      ...more,
    })
    const begin = (more: object = {}, browser = root, input: object = {}) =>
      browser.send('POST', '/api/instances/prod/oidc/trials', {
        profile: profileOf(more),
        how: 'browser',
        origin: hubOrigin,
        ...input,
      })
    const start = async (more: object = {}, input: object = {}) => {
      const answer = await begin(more, root, input)
      expect(answer.status).toBe(200)
      return StartedTrial.parse(await answer.json())
    }
    const end = (body: object, browser = root, instance = 'prod') =>
      browser.send('POST', `/api/instances/${instance}/oidc/trials/finish`, body)
    const finish = async (body: object) => {
      const answer = await end(body)
      expect(answer.status).toBe(200)
      return OidcTrial.parse(await answer.json())
    }
    const come = ({ trial, url }: StartedTrial) => {
      const said = Object.fromEntries(world.identityProvider.authorize(new URL(url)))
      return { trial, ...said }
    }
    /** What came of a sign-in whose ID token has these claims besides. */
    const tryWith = async (claims: object, more: object = {}) => {
      world.identityProvider.answers.claims = (honest) => ({ ...honest, ...claims })
      return finish(come(await start(more)))
    }
    const failuresOf = ({ items }: OidcTrial) =>
      Object.fromEntries(
        items.filter(({ outcome }) => outcome === 'fail').map(({ detail, name }) => [name, detail]),
      )

    test('asks as kubectl’s plugin does: a public client, by code, PKCE, state and nonce', async () => {
      const { trial, url, ...begun } = await start({ extraScopes: ['groups'] })
      expect(begun).toMatchObject({ redirectUri, userCode: null })
      const asked = Object.fromEntries(new URL(url).searchParams)
      expect(url.startsWith(`${world.identityProvider.issuer}/authorize?`)).toBe(true)
      expect(asked).toEqual({
        response_type: 'code',
        client_id: world.identityProvider.clientId,
        redirect_uri: redirectUri,
        scope: 'openid email groups',
        state: expect.stringMatching(/^[\w-]{43}$/),
        nonce: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: 'S256',
      })
      world.identityProvider.answers.claims = (claims) => ({
        ...claims,
        email_verified: true,
        groups: ['ml', 'ops'],
      })
      const found = await finish(come({ trial, url, ...begun }))
      const { authorization, body } = world.identityProvider.tokenRequests.at(-1)!
      expect(authorization).toBeUndefined()
      expect(Object.fromEntries(body)).toMatchObject({
        grant_type: 'authorization_code',
        client_id: world.identityProvider.clientId,
        redirect_uri: redirectUri,
      })
      expect(body.has('client_secret')).toBe(false)
      expect(hash('sha256', body.get('code_verifier')!, 'base64url')).toBe(asked['code_challenge'])
      expect(failuresOf(found)).toEqual({})
      expect(found).toMatchObject({
        state: 'done',
        username: 'ada@example.com',
        groups: [],
        claims: { email: 'ada@example.com', groups: ['ml', 'ops'], nonce: asked['nonce'] },
      })
    })

    test('names people and groups as their API server would', async () => {
      const issuer = world.identityProvider.issuer
      const named = async (claims: object, more: object) => {
        const { groups, username } = await tryWith(claims, more)
        return [username, ...groups]
      }
      expect(await named({}, { usernameClaim: 'sub' })).toEqual([`${issuer}#ada`])
      expect(await named({}, { usernameClaim: 'sub', usernamePrefix: '-' })).toEqual(['ada'])
      expect(await named({}, { usernamePrefix: 'oidc:' })).toEqual(['oidc:ada@example.com'])
      expect(
        await named(
          { preferred_username: 'lovelace', roles: ['ml', 'ops'] },
          { usernameClaim: 'preferred_username', groupsClaim: 'roles', groupsPrefix: 'oidc:' },
        ),
      ).toEqual([`${issuer}#lovelace`, 'oidc:ml', 'oidc:ops'])
      expect(await named({ roles: 'ml' }, { groupsClaim: 'roles' })).toEqual([
        'ada@example.com',
        'ml',
      ])
    })

    test.each<[object, object, string, string]>([
      [{ iss: 'https://other.example.com' }, {}, 'issuer', '"https://other.example.com"'],
      [{ aud: ['account', 'hub'] }, {}, 'audience', '"account", "hub"'],
      [{ exp: 1 }, {}, 'expiry', 'ended'],
      [{ exp: undefined }, {}, 'expiry', 'does not say'],
      [{ nbf: 9_999_999_999 }, {}, 'expiry', 'not valid yet'],
      [{ nonce: 'another' }, {}, 'nonce', 'another sign-in'],
      [{ email: undefined }, {}, 'claim', 'the scope email'],
      [{ email: 7 }, {}, 'claim', 'only text'],
      [{ email: null }, {}, 'claim', 'by no name'],
      [{ email_verified: false }, {}, 'email_verified', '401'],
      [{ email_verified: 'true' }, {}, 'email_verified', 'boolean'],
      [{}, { usernameClaim: 'preferred_username' }, 'claim', 'the scope profile'],
      [
        { preferred_username: 'system:admin' },
        { usernameClaim: 'preferred_username', usernamePrefix: '-' },
        'name',
        'keeps for itself',
      ],
      [{ roles: [1] }, { groupsClaim: 'roles' }, 'groups', 'neither text nor a list'],
      [{ roles: ['system:masters'] }, { groupsClaim: 'roles' }, 'groups', 'system:masters'],
      [
        { _claim_names: { roles: 'src1' }, _claim_sources: { src1: { endpoint: 'https://x' } } },
        { groupsClaim: 'roles' },
        'groups',
        '200 groups',
      ],
    ])('of a token with %j, for %j, fails %s', async (claims, more, name, words) => {
      const found = await tryWith(claims, more)
      expect(failuresOf(found)).toEqual({ [name]: expect.stringContaining(words) })
      expect(found).toMatchObject({ state: 'done', username: null, groups: [] })
      expect(found.claims).not.toBeNull()
    })

    test('of a token that is not valid for a minute yet, it is too early, as for an API server', async () => {
      const seconds = Math.floor(Date.now() / 1000)
      expect(failuresOf(await tryWith({ nbf: seconds + 40 }))).toEqual({})
      const early = await tryWith({ nbf: seconds + 200 })
      expect(failuresOf(early)).toEqual({ expiry: expect.stringContaining('not valid yet') })
    })

    test('of a token whose groups are null, there are none, as for an API server', async () => {
      const found = await tryWith({ roles: null }, { groupsClaim: 'roles' })
      expect(failuresOf(found)).toEqual({})
      expect(found).toMatchObject({ username: 'ada@example.com', groups: [] })
    })

    test('of a token endpoint that writes an error of null beside its tokens, all is well', async () => {
      world.identityProvider.answers.moreTokens = { error: null }
      expect(failuresOf(await tryWith({}))).toEqual({})
    })

    test('of a token that nobody of the issuer signed, the claims count for nothing', async () => {
      world.identityProvider.answers.forgedSignature = true
      const found = await tryWith({ email_verified: true })
      expect(failuresOf(found)).toEqual({ signature: expect.stringContaining('401') })
      expect(found.username).toBeNull()
    })

    test.each<[Record<string, string>, string]>([
      [{ error: 'access_denied' }, 'refused the sign-in'],
      [{ error: 'invalid_scope', errorDescription: 'no\u0007email' }, 'It says: "no email"'],
      [{ error: 'unauthorized_client' }, 'authorization code flow'],
      [{ error: 'toString' }, 'The provider answered toString.'],
      [{ error: 'invalid_request' }, redirectUri],
      [{ iss: 'https://evil.example.com', code: 'x' }, 'not the issuer that was asked'],
      [{}, 'without a code'],
    ])('of a provider that leads back with %j, says what helps', async (said, words) => {
      const { trial, url } = await start()
      const state = new URL(url).searchParams.get('state')!
      const before = world.identityProvider.tokenRequests.length
      const found = await finish({ trial, state, ...said })
      expect(failuresOf(found)).toEqual({ 'sign-in': expect.stringContaining(words) })
      expect(found.claims).toBeNull()
      expect(world.identityProvider.tokenRequests).toHaveLength(before)
    })

    test.each<[number, object, string]>([
      [401, { error: 'invalid_client' }, 'wants a secret'],
      [400, { error: 'invalid_grant', error_description: 'redirect differs' }, 'redirect differs'],
      [200, { error: 'unsupported_grant_type' }, 'grant by which'],
      [503, {}, 'status 503'],
      [200, { access_token: 'opaque' }, 'no ID token'],
      [200, { id_token: 'none' }, 'not a JWT'],
    ])('of a token endpoint that answers %i %j, says what helps', async (status, body, words) => {
      world.identityProvider.answers.tokenError = { status, body }
      const found = await finish(come(await start()))
      expect(failuresOf(found)).toEqual({ 'sign-in': expect.stringContaining(words) })
    })

    test('takes the secret of a client that has one, and keeps it nowhere', async () => {
      const clientSecret = 'typed once, and % odd'
      const [basic, post] = ['client_secret_basic', 'client_secret_post'] as const
      // The last two, as kubectl's plugin does, though the metadata list another.
      const ways = [
        [basic, basic],
        [post, post],
        [basic, post],
        [post, basic],
      ] as const
      for (const [method, listed] of ways) {
        const { answers } = world.identityProvider
        answers.client = { method, secret: clientSecret }
        answers.discovery = (document) => ({
          ...document,
          token_endpoint_auth_methods_supported: [listed],
        })
        const without = await finish(come(await start({ needsSecret: true })))
        expect(failuresOf(without)['sign-in']).toContain('was left out')
        const found = await finish({ ...come(await start({ needsSecret: true })), clientSecret })
        expect(failuresOf(found)).toEqual({})
      }
      expect(world.hub.lines.join('\n')).not.toContain(clientSecret)
      expect(JSON.stringify(await readContents(world.database.db))).not.toContain(clientSecret)
    })

    describe('at a provider that takes requests in advance alone', () => {
      beforeEach(() => {
        world.identityProvider.answers.wantsPush = true
      })

      test('signs in with a reference alone', async () => {
        const begun = await start()
        expect([...new URL(begun.url).searchParams.keys()]).toEqual(['client_id', 'request_uri'])
        expect(begun.state).toMatch(/^[\w-]{43}$/)
        const said = come(begun)
        expect(said).toMatchObject({ state: begun.state })
        expect(failuresOf(await finish(said))).toEqual({})
      })

      test('shows the secret there too, in either way', async () => {
        const clientSecret = 'typed once, and % odd'
        for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
          world.identityProvider.answers.client = { method, secret: clientSecret }
          const without = await begin({ needsSecret: true })
          expect(without.status).toBe(502)
          expect(Problem.parse(await without.json()).detail).toContain('was left out')
          const begun = await start({ needsSecret: true }, { clientSecret })
          const found = await finish({ ...come(begun), clientSecret })
          expect(failuresOf(found)).toEqual({})
        }
        expect(world.hub.lines.join('\n')).not.toContain(clientSecret)
      })

      test.each([
        ['http://elsewhere.example/par', 'does not use https'],
        ['https://169.254.169.254/par', 'link-local'],
      ])('is not begun where it names %s', async (endpoint, words) => {
        world.identityProvider.answers.discovery = (document) => ({
          ...document,
          pushed_authorization_request_endpoint: endpoint,
        })
        const answer = await begin()
        expect(answer.status).toBe(502)
        expect(Problem.parse(await answer.json()).detail).toContain(words)
      })
    })

    test('works once, in the session that began it, for its instance, and for ten minutes', async () => {
      const ended = async (answer: Promise<Response>) => {
        const { status, code, detail } = Problem.parse(await (await answer).json())
        expect({ status, code }).toEqual({ status: 400, code: 'login-expired' })
        expect(detail).toContain('Start again')
      }
      const again = world.hub.browser()
      await again.signIn('root')
      const said = come(await start())
      const before = world.identityProvider.tokenRequests.length
      await ended(end(said, again))
      await ended(end(said, root, 'other'))
      await ended(end({ ...said, state: 'another' }))
      await ended(end({ ...said, trial: `${said.trial.slice(0, -2)}AA` }))
      await ended(end({ ...said, trial: 'none' }))
      expect(world.identityProvider.tokenRequests).toHaveLength(before)
      await finish(said)
      await ended(end(said))
      const late = come(await start())
      world.hub.advance(601_000)
      await ended(end(late))
      world.hub.advance(-601_000)
    })

    test('is for people who manage the instance, and no token', async () => {
      const ada = world.hub.browser()
      await ada.signIn('ada')
      expect((await begin({}, ada)).status).toBe(403)
      expect((await end({ trial: 'x' }, ada)).status).toBe(403)
      const made = await root.send('POST', '/api/auth/tokens', {
        name: 'laptop',
        roleCeiling: 'admin',
        expiresInDays: 1,
      })
      const { secret, token } = (await made.json()) as { secret?: string; token?: string }
      const headers = {
        authorization: `Bearer ${secret ?? token}`,
        'content-type': 'application/json',
      }
      const body = JSON.stringify({ profile: profileOf(), how: 'browser', origin: hubOrigin })
      const byToken = await world.hub
        .browser()
        .request('/api/instances/prod/oidc/trials', { method: 'POST', headers, body })
      expect(byToken.status).toBe(403)
    })

    test('leads back to the hub alone', async () => {
      const elsewhere = await begin({}, root, { origin: 'https://evil.example.com' })
      expect(elsewhere.status).toBe(400)
      expect(Problem.parse(await elsewhere.json()).code).toBe('host-not-allowed')
      const path = await begin({}, root, { origin: `${hubOrigin}/elsewhere` })
      expect(path.status).toBe(400)
    })

    test('does not begin at an issuer that no cluster would ask, or that is away', async () => {
      const blocked = await begin({ issuer: 'https://169.254.169.254' })
      expect(blocked.status).toBe(502)
      expect(Problem.parse(await blocked.json()).detail).toContain('link-local')
      const plain = await begin({ issuer: 'http://192.0.2.1' })
      expect(Problem.parse(await plain.json()).detail).toContain('only https')
      const { answers } = world.identityProvider
      for (const [how, words] of [
        ['redirect', 'leads elsewhere'],
        ['huge', 'larger than 1 MiB'],
        ['down', 'is answered with 503'],
      ] as const) {
        answers.misbehaves = { '/.well-known/openid-configuration': how }
        const away = await begin()
        expect(away.status).toBe(502)
        expect(Problem.parse(await away.json()).detail).toContain(words)
      }
      answers.misbehaves = {}
      const said = come(await start())
      answers.misbehaves = { '/token': 'huge' }
      expect((await end(said)).status).toBe(502)
    })

    test('tells what its provider said although it is away since', async () => {
      const { trial, url } = await start()
      world.identityProvider.answers.misbehaves = { '/.well-known/openid-configuration': 'down' }
      const state = new URL(url).searchParams.get('state')!
      const found = await finish({ trial, state, error: 'access_denied' })
      expect(failuresOf(found)).toEqual({ 'sign-in': expect.stringContaining('access_denied') })
    })

    test.each([
      [{ issuer: 'https://other.example.com' }, 'not exactly this issuer'],
      [{ token_endpoint: undefined }, 'does not name'],
      [{ token_endpoint: 'https://169.254.169.254/token' }, 'link-local'],
      [{ authorization_endpoint: 'javascript:alert(1)' }, 'https'],
    ])('of a document with %j, does not begin', async (more, words) => {
      world.identityProvider.answers.discovery = (document) => ({ ...document, ...more })
      const answer = await begin()
      expect(answer.status).toBe(502)
      expect(Problem.parse(await answer.json()).detail).toContain(words)
    })

    test('by a code, of a client that has a secret, shows it to the device endpoint too', async () => {
      const { answers } = world.identityProvider
      answers.client = { method: 'client_secret_basic', secret: 'typed once' }
      answers.device = {
        body: {
          device_code: 'device-4',
          user_code: 'ABCD-EFGH',
          verification_uri: 'https://id.example.com/device',
          expires_in: 300,
        },
      }
      const without = await begin({ needsSecret: true }, root, { how: 'device' })
      expect(Problem.parse(await without.json()).detail).toContain('was left out')
      await start({ needsSecret: true }, { how: 'device', clientSecret: 'typed once' })
    })

    test('by a code for another device, which leads back nowhere', async () => {
      const { answers } = world.identityProvider
      const without = await begin({}, root, { how: 'device' })
      expect(Problem.parse(await without.json()).detail).toContain('device_authorization_endpoint')
      answers.device = {
        status: 400,
        body: { error: 'unauthorized_client', error_description: 'not enabled' },
      }
      const refused = Problem.parse(await (await begin({}, root, { how: 'device' })).json())
      expect(refused.detail).toContain('device authorization grant')
      answers.device = {
        body: {
          device_code: 'device-1',
          user_code: 'ABCD-EFGH',
          verification_uri: 'https://id.example.com/device',
          expires_in: 300,
          interval: 2,
        },
      }
      const { trial, ...begun } = await start({}, { how: 'device' })
      expect(begun).toMatchObject({
        url: 'https://id.example.com/device',
        userCode: 'ABCD-EFGH',
        redirectUri: null,
        intervalSeconds: 2,
      })
      expect(trial).not.toContain('device-1')
      for (const [error, seconds] of [
        ['authorization_pending', 5],
        ['slow_down', 10],
      ] as const) {
        answers.tokenError = { status: 400, body: { error } }
        const waiting = await finish({ trial })
        expect(waiting).toMatchObject({ state: 'pending', intervalSeconds: seconds, claims: null })
      }
      answers.tokenError = null
      const found = await finish({ trial })
      expect(found).toMatchObject({ state: 'done', username: 'ada@example.com' })
      expect(failuresOf(found)).toEqual({})
      expect(world.identityProvider.tokenRequests.at(-1)!.body.get('device_code')).toBe('device-1')
      expect((await end({ trial })).status).toBe(400)
    })

    test.each<[object, object]>([
      [
        { interval: '7', expires_in: '300' },
        { url: 'https://id.example.com/device', intervalSeconds: 7 },
      ],
      [
        { verification_uri: undefined, verification_url: 'https://id.example.com/google' },
        { url: 'https://id.example.com/google' },
      ],
      [
        { interval: null, verification_uri_complete: '' },
        { url: 'https://id.example.com/device', intervalSeconds: 5 },
      ],
    ])('by a code whose answer has %j, as kubectl’s plugin takes it', async (odd, begun) => {
      const { answers } = world.identityProvider
      answers.device = {
        body: {
          device_code: 'device-3',
          user_code: 'ABCD-EFGH',
          verification_uri: 'https://id.example.com/device',
          expires_in: 300,
          ...odd,
        },
      }
      expect(await start({}, { how: 'device' })).toMatchObject(begun)
    })

    test('asks about a code no oftener than the provider says', async () => {
      const { answers } = world.identityProvider
      answers.device = {
        body: {
          device_code: 'device-2',
          user_code: 'ABCD-EFGH',
          verification_uri: 'https://id.example.com/device',
          expires_in: 300,
          interval: 12,
        },
      }
      const { intervalSeconds, trial } = await start({}, { how: 'device' })
      expect(intervalSeconds).toBe(12)
      answers.tokenError = { status: 400, body: { error: 'authorization_pending' } }
      expect((await finish({ trial })).intervalSeconds).toBe(12)
      answers.tokenError = { status: 400, body: { error: 'slow_down' } }
      expect((await finish({ trial })).intervalSeconds).toBe(17)
    })

    test('is in the audit log without a claim, and no token is anywhere', async () => {
      const marked = { email: 'marked@example.com', email_verified: false }
      let signed = ''
      const { answers } = world.identityProvider
      answers.claims = (claims) => {
        signed = JSON.stringify({ ...claims, ...marked })
        return { ...claims, ...marked }
      }
      const answer = await end(come(await start()))
      const text = await answer.text()
      expect(signed).toContain('marked@example.com')
      expect(text).toContain('marked@example.com')
      expect(text).not.toMatch(/eyJ[\w-]+\.eyJ/)
      const rows = (await selectAuditRows(world.database.db, 50)).filter(
        ({ action }) => action === 'oidc-profile.try',
      )
      expect(rows[0]).toMatchObject({
        actor: 'oidc:root',
        outcome: 'failure',
        reason: 'email_verified',
        after: {
          issuer: world.identityProvider.issuer,
          clientId: world.identityProvider.clientId,
        },
      })
      const kept = JSON.stringify(await readContents(world.database.db))
      for (const place of [world.hub.lines.join('\n'), kept]) {
        expect(place).not.toContain('marked@example.com')
        expect(place).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\./)
      }
    })
  },
)
