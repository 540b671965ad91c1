import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import { selectAuditRows } from '#audit'
import { describeHub } from '../../test/describe-hub.ts'
import { hubOrigin } from '../../test/hub.ts'

describeHub(
  'sign-in',
  {
    env: {
      HUB_ADMINS: 'oidc:root',
      SESSION_IDLE_TIMEOUT: '30m',
      SESSION_ABSOLUTE_TIMEOUT: '12h',
    },
  },
  (world) => {
    afterEach(() => world.identityProvider.beHonest())

    const lastAudit = async () => (await selectAuditRows(world.database.db, 1))[0]
    const expectRefused = async (response: Response, status: number, code: string) => {
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toMatch(/^text\/html/)
      // A page, and nothing that asks a program for a token.
      expect(response.headers.get('www-authenticate')).toBeNull()
      expect(await response.text()).toContain(`/login?error=${code}`)
      expect(response.headers.getSetCookie().join()).not.toContain('hub_session=')
      expect(await lastAudit()).toMatchObject({
        action: 'auth.sign-in',
        outcome: 'failure',
        reason: code,
      })
    }

    test('asks with PKCE S256, state and nonce, and comes back as the person', async () => {
      const browser = world.hub.browser()
      const url = await browser.startLogin()
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        response_type: 'code',
        client_id: world.identityProvider.clientId,
        redirect_uri: `${hubOrigin}/api/auth/callback/oidc`,
        scope: 'openid profile email',
        code_challenge_method: 'S256',
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        state: expect.stringMatching(/^[\w-]{43}$/),
        nonce: expect.stringMatching(/^[\w-]{43}$/),
      })
      const response = await browser.finishLogin(world.identityProvider.authorize(url))
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe(`${hubOrigin}/`)
      expect(await (await browser.get('/api/auth/me')).json()).toEqual({
        principal: 'oidc:ada',
        authenticatedAt: expect.any(String),
        awaitsSetup: false,
        displayName: 'Ada Lovelace',
        email: 'ada@example.com',
        provider: 'oidc',
        grants: [],
        abilities: { administer: false },
      })
      expect(await lastAudit()).toMatchObject({
        actor: 'oidc:ada',
        action: 'auth.sign-in',
        outcome: 'success',
      })
    })

    test('sends form-urlencoded Basic credentials and the code verifier (RFC 6749 §2.3.1, RFC 7636)', async () => {
      await world.hub.browser().signIn('ada')
      const { authorization, body } = world.identityProvider.tokenRequests.at(-1)!
      const [id, secret] = Buffer.from(authorization!.replace('Basic ', ''), 'base64')
        .toString()
        .split(':')
      expect([id, secret]).toEqual(['hub-under-test', 'a%2Bsecret%2Fwith%25signs'])
      expect(body.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    })

    test('#1 a callback without state, or with an unknown one, is refused', async () => {
      const browser = world.hub.browser()
      await expectRefused(
        await browser.finishLogin(new URLSearchParams({ code: 'x' })),
        400,
        'login-expired',
      )
      const unknown = new URLSearchParams({ code: 'x', state: 'nobody-began-this' })
      await expectRefused(await browser.finishLogin(unknown), 400, 'login-expired')
    })

    test('#1 a repeated state or code is refused', async () => {
      const browser = world.hub.browser()
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      parameters.append('code', 'another')
      await expectRefused(await browser.finishLogin(parameters), 400, 'login-expired')
    })

    test('#5 a repeated iss is refused', async () => {
      const browser = world.hub.browser()
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      parameters.append('iss', 'https://evil.example.com')
      await expectRefused(await browser.finishLogin(parameters), 400, 'login-expired')
    })

    test('a sign-in that took longer than ten minutes is refused before the code is redeemed', async () => {
      const browser = world.hub.browser()
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      const redeemed = world.identityProvider.tokenRequests.length
      world.hub.advance(601_000)
      await expectRefused(await browser.finishLogin(parameters), 400, 'login-expired')
      world.hub.advance(-601_000)
      expect(world.identityProvider.tokenRequests).toHaveLength(redeemed)
    })

    test('the login cookie tells nothing of what it holds, and changed it is none', async () => {
      const browser = world.hub.browser()
      const url = await browser.startLogin()
      const [name, value] = [...browser.cookies].find(([key]) => key.startsWith('hub_login_'))!
      const readable = value.split('.').map((part) => Buffer.from(part, 'base64url').toString())
      expect(readable.join()).not.toContain(url.searchParams.get('nonce'))
      expect(readable.join()).not.toContain('callback/oidc')
      const [header, , iv, text, tag] = value.split('.')
      browser.cookies.set(name, [header, '', iv, `${text!.slice(0, -2)}AA`, tag].join('.'))
      const response = await browser.finishLogin(world.identityProvider.authorize(url))
      await expectRefused(response, 400, 'login-expired')
    })

    test('parallel tabs each finish their own sign-in', async () => {
      const browser = world.hub.browser()
      const urls = [
        await browser.startLogin('?return_to=/one'),
        await browser.startLogin('?return_to=/two'),
      ]
      const [one, two] = urls.map((url) => world.identityProvider.authorize(url))
      expect((await browser.finishLogin(two!)).headers.get('location')).toBe(`${hubOrigin}/two`)
      expect((await browser.finishLogin(one!)).headers.get('location')).toBe(`${hubOrigin}/one`)
    })

    test('#2 a callback in another browser is refused', async () => {
      const parameters = world.identityProvider.authorize(await world.hub.browser().startLogin())
      await expectRefused(await world.hub.browser().finishLogin(parameters), 400, 'login-expired')
    })

    test('#3 a callback is used once, even with the login cookie put back', async () => {
      const browser = world.hub.browser()
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      const cookies = [...browser.cookies]
      expect((await browser.finishLogin(parameters)).status).toBe(303)
      const thief = world.hub.browser()
      for (const [name, value] of cookies) thief.cookies.set(name, value)
      const redeemed = world.identityProvider.tokenRequests.length
      await expectRefused(await thief.finishLogin(parameters), 400, 'login-expired')
      expect(world.identityProvider.tokenRequests).toHaveLength(redeemed)
    })

    test('#4 and #14 a provider that is not enabled is not found, to begin and to come back', async () => {
      const browser = world.hub.browser()
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      expect((await browser.get('/api/auth/login/github')).status).toBe(404)
      await expectRefused(
        await browser.finishLogin(parameters, 'github'),
        404,
        'provider-not-enabled',
      )
    })

    test('#5 another issuer in the callback, or none although advertised, is refused before the code is redeemed', async () => {
      for (const iss of ['https://evil.example.com', undefined]) {
        const browser = world.hub.browser()
        const parameters = world.identityProvider.authorize(await browser.startLogin())
        if (iss === undefined) parameters.delete('iss')
        else parameters.set('iss', iss)
        const redeemed = world.identityProvider.tokenRequests.length
        await expectRefused(await browser.finishLogin(parameters), 400, 'login-expired')
        expect(world.identityProvider.tokenRequests).toHaveLength(redeemed)
      }
    })

    const now = () => Math.floor(Date.now() / 1000)
    test.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
      ['#6 another nonce', (claims) => ({ ...claims, nonce: 'other' })],
      ['#6 no nonce', ({ nonce: _, ...claims }) => claims],
      ['#7 another audience', (claims) => ({ ...claims, aud: 'other-client' })],
      [
        '#7 several audiences without azp',
        (claims) => ({ ...claims, aud: [claims['aud'], 'other'] }),
      ],
      ['#7 an azp of another client', (claims) => ({ ...claims, azp: 'other-client' })],
      ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.example.com' })],
      ['expired', (claims) => ({ ...claims, iat: now() - 120, exp: now() - 60 })],
      ['issued long ago', (claims) => ({ ...claims, iat: now() - 3600 })],
      ['without exp', ({ exp: _, ...claims }) => claims],
      ['an empty subject', (claims) => ({ ...claims, sub: '' })],
    ])('an id_token with %s is refused', async (_name, claims) => {
      const browser = world.hub.browser()
      world.identityProvider.answers.claims = claims
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      await expectRefused(await browser.finishLogin(parameters), 401, 'login-failed')
    })

    test('an id_token signed by another key is refused', async () => {
      const browser = world.hub.browser()
      world.identityProvider.answers.forgedSignature = true
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      await expectRefused(await browser.finishLogin(parameters), 401, 'login-failed')
    })

    test('an id_token for several audiences with our azp is accepted', async () => {
      const browser = world.hub.browser()
      world.identityProvider.answers.claims = (claims) => ({
        ...claims,
        aud: [world.identityProvider.clientId, 'other'],
        azp: world.identityProvider.clientId,
      })
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      expect((await browser.finishLogin(parameters)).status).toBe(303)
    })

    test.each([
      [{ status: 400, body: { error: 'invalid_grant' } }, 401, 'login-failed'],
      [
        { status: 401, body: { error: 'invalid_client', error_description: 'x' } },
        401,
        'login-failed',
      ],
      [{ status: 500, body: {} }, 502, 'provider-unavailable'],
      [{ status: 200, body: { error: 'weird' } }, 401, 'login-failed'],
    ])('a token endpoint that answers %j leads to %i %s', async (tokenError, status, code) => {
      const browser = world.hub.browser()
      world.identityProvider.answers.tokenError = tokenError
      const parameters = world.identityProvider.authorize(await browser.startLogin())
      await expectRefused(await browser.finishLogin(parameters), status, code)
    })

    test.each([
      ['access_denied', 403, 'login-refused'],
      ['temporarily_unavailable', 502, 'provider-unavailable'],
      ['server_error', 502, 'provider-unavailable'],
      ['login_required', 401, 'login-failed'],
      ['interaction_required', 401, 'login-failed'],
      ['consent_required', 401, 'login-failed'],
      ['invalid_scope', 401, 'login-failed'],
      ['unauthorized_client', 401, 'login-failed'],
      ['redirect_uri_mismatch', 401, 'login-failed'],
      ['<script>alert(1)</script>', 401, 'login-failed'],
    ])("the provider's error %s leads to %i and is never echoed", async (error, status, code) => {
      const browser = world.hub.browser()
      const { state, iss } = Object.fromEntries(
        world.identityProvider.authorize(await browser.startLogin()),
      )
      const parameters = new URLSearchParams({
        state: state!,
        iss: iss!,
        error,
        error_description: '<b>x</b>',
      })
      const response = await browser.finishLogin(parameters)
      const text = await response.clone().text()
      expect(text).not.toContain('<script>')
      expect(text).not.toContain('<b>')
      expect(text).toMatch(/<p>[A-Z][^<]{20,}\.<\/p>\n<p><a href="\/login\?error=/)
      await expectRefused(response, status, code)
    })

    test.each([
      ['/instances/prod?tab=x', `${hubOrigin}/instances/prod?tab=x`],
      ['//evil.example.com', `${hubOrigin}/`],
      ['/\\evil.example.com', `${hubOrigin}/`],
      ['/\t/evil.example.com', `${hubOrigin}/`],
      ['https://evil.example.com', `${hubOrigin}/`],
      ['javascript:alert(1)', `${hubOrigin}/`],
      ['/..//evil.example.com', `${hubOrigin}//evil.example.com`],
      ['/%2f%2fevil.example.com', `${hubOrigin}/%2f%2fevil.example.com`],
      ['/api/auth/login/oidc', `${hubOrigin}/`],
      [`/${'a'.repeat(600)}`, `${hubOrigin}/`],
    ])('#12 return_to=%s leads to %s', async (returnTo, location) => {
      const query = `?return_to=${encodeURIComponent(returnTo)}`
      const response = await world.hub.browser().signIn('ada', query)
      expect(response.headers.get('location')).toBe(location)
    })

    test('#13 a foreign Host is refused and never becomes a redirect URI', async () => {
      const response = await world.hub.browser().request('/api/auth/login/oidc', {
        headers: { host: 'evil.example.com' },
      })
      expect(response.status).toBe(400)
      expect(response.headers.get('location')).toBeNull()
    })

    test('#16 a session cookie the hub did not sign is nobody', async () => {
      const browser = world.hub.browser()
      await browser.signIn('ada')
      const real = browser.cookies.get('hub_session')!
      const [header, payload, signature] = real.split('.')
      const none = Buffer.from('{"alg":"none"}').toString('base64url')
      for (const forged of [
        `${none}.${payload}.`,
        `${header}.${payload}.AAAA`,
        `${header}.${payload}.${signature}x`,
        'x',
      ]) {
        browser.cookies.set('hub_session', forged)
        expect((await browser.get('/api/auth/me')).status).toBe(401)
      }
    })

    test('#17 signing out ends the session everywhere at once', async () => {
      const browser = world.hub.browser()
      await browser.signIn('ada')
      const thief = world.hub.browser()
      thief.cookies.set('hub_session', browser.cookies.get('hub_session')!)
      expect((await thief.get('/api/auth/me')).status).toBe(200)
      expect((await browser.send('POST', '/api/auth/logout')).status).toBe(200)
      expect(browser.cookies.has('hub_session')).toBe(false)
      expect((await thief.get('/api/auth/me')).status).toBe(401)
      expect(await lastAudit()).toMatchObject({ action: 'auth.sign-out', actor: 'oidc:ada' })
    })

    test('after signing out, the provider is told to ask again', async () => {
      const browser = world.hub.browser()
      await browser.signIn('ada')
      await browser.send('POST', '/api/auth/logout')
      expect((await browser.startLogin()).searchParams.get('prompt')).toBe('login')
      await browser.signIn('ada')
      expect((await browser.startLogin()).searchParams.has('prompt')).toBe(false)
    })

    test('#18 a session ends 30 minutes after its last request, and 12 hours after sign-in', async () => {
      const [idle, busy] = [world.hub.browser(), world.hub.browser()]
      await idle.signIn('ada')
      await busy.signIn('ada')
      const minute = 60_000
      let passed = 0
      const pass = (ms: number) => {
        passed += ms
        world.hub.advance(ms)
      }
      try {
        pass(29 * minute)
        expect((await idle.get('/api/auth/me')).status).toBe(200)
        expect((await busy.get('/api/auth/me')).status).toBe(200)
        pass(29 * minute)
        expect((await busy.get('/api/auth/me')).status).toBe(200)
        pass(2 * minute)
        expect((await idle.get('/api/auth/me')).status).toBe(401)
        for (let step = 60; step < 12 * 60 - 20; step += 20) {
          pass(20 * minute)
          expect((await busy.get('/api/auth/me')).status).toBe(200)
        }
        pass(20 * minute)
        expect((await busy.get('/api/auth/me')).status).toBe(401)
      } finally {
        world.hub.advance(-passed)
      }
    })

    test('#19 a session id is new at every sign-in', async () => {
      const browser = world.hub.browser()
      await browser.signIn('ada')
      const first = browser.cookies.get('hub_session')
      await browser.signIn('ada')
      expect(browser.cookies.get('hub_session')).not.toBe(first)
    })

    test('the same person keeps one account, whatever their name becomes', async () => {
      const me = async (name: string) => {
        const browser = world.hub.browser()
        world.identityProvider.answers.claims = (claims) => ({ ...claims, sub: 'renamed', name })
        await browser.finishLogin(world.identityProvider.authorize(await browser.startLogin()))
        return (await browser.get('/api/auth/me')).json()
      }
      await me('Before')
      expect(await me('After')).toMatchObject({ principal: 'oidc:renamed', displayName: 'After' })
      const { db } = world.database
      const rows = await db.read.select().from(db.tables.identities)
      expect(rows.filter(({ subject }) => subject === 'renamed')).toHaveLength(1)
    })

    test('a disabled person is refused, and the session they had is dead', async () => {
      const browser = world.hub.browser()
      await browser.signIn('leaver')
      await world.database.db.transaction(async (tx) => {
        const { users } = tx.tables
        const rows = await tx.queries.select().from(users)
        const { id } = rows.find(({ displayName }) => displayName === 'leaver')!
        await tx.queries.update(users).set({ disabledAt: new Date() }).where(eq(users.id, id))
      })
      expect((await browser.get('/api/auth/me')).status).toBe(401)
      await expectRefused(await world.hub.browser().signIn('leaver'), 403, 'user-disabled')
    })

    test('no code, verifier, secret, token or cookie reaches the log', async () => {
      const browser = world.hub.browser()
      const url = await browser.startLogin()
      const parameters = world.identityProvider.authorize(url)
      await browser.finishLogin(parameters)
      world.identityProvider.answers.tokenError = { status: 400, body: { error: 'invalid_grant' } }
      await browser.finishLogin(world.identityProvider.authorize(await browser.startLogin()))
      const text = world.hub.lines.join('')
      const verifier = world.identityProvider.tokenRequests.at(-2)!.body.get('code_verifier')!
      const secrets = [
        `"${parameters.get('code')!}"`,
        parameters.get('state')!,
        verifier,
        'a+secret',
        'a%2Bsecret',
        browser.cookies.get('hub_session')!,
      ]
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
      expect(text).toContain('sign-in did not succeed')
    })
  },
)
