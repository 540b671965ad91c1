import { beforeAll, describe, expect, test } from 'vitest'
import { describeHub } from '../test/describe-hub.ts'
import { hubOrigin, socketOf, type Browser } from '../test/hub.ts'

const listed = 'https://console.example.com'
const foreign = 'https://evil.example.com'

describeHub(
  'requests from elsewhere',
  {
    env: {
      CORS_ORIGINS: listed,
      TRUSTED_PROXIES: '172.16.0.0/12',
      HUB_REQUESTS_PER_MINUTE: '300',
      HUB_ADMINS: 'oidc:root',
    },
  },
  (world) => {
    let browser: Browser
    let cookie: string

    beforeAll(async () => {
      browser = world.hub.browser()
      await browser.signIn('ada')
      cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    })

    const host = new URL(hubOrigin).host
    const ask = (
      path: string,
      options: { method?: string; headers?: Record<string, string>; peer?: string } = {},
    ) => {
      const { headers, method = 'GET', peer = '192.0.2.50' } = options
      const sent = new Headers({ host, ...headers })
      const init = { method, headers: sent }
      return world.hub.app.request(`${hubOrigin}${path}`, init, socketOf(peer, sent))
    }
    const corsOf = (response: Response) =>
      Object.fromEntries(
        [...response.headers].filter(([name]) => name.startsWith('access-control')),
      )

    describe('the cookie and other sites', () => {
      test.each([
        ['a sibling', { 'sec-fetch-site': 'same-site' }],
        ['another site', { 'sec-fetch-site': 'cross-site' }],
        ['a foreign Origin', { origin: foreign }],
        // Listed origins come with a token, never with the cookie.
        ['a listed origin', { origin: listed, 'sec-fetch-site': 'cross-site' }],
      ])('#22 403 for a write and for a stream from %s', async (_name, headers) => {
        for (const [method, path] of [
          ['POST', '/api/auth/logout'],
          ['DELETE', '/api/auth/sessions'],
          ['GET', '/api/stream'],
        ] as const) {
          const response = await ask(path, { method, headers: { ...headers, cookie } })
          expect([path, response.status]).toEqual([path, 403])
          expect(await response.json()).toMatchObject({ code: 'csrf' })
        }
        expect((await browser.get('/api/auth/me')).status).toBe(200)
      })

      test('#22 403 for a write with neither header; a stream without them is a script of ours or none', async () => {
        const write = await ask('/api/auth/logout', { method: 'POST', headers: { cookie } })
        expect(write.status).toBe(403)
        const stream = await ask('/api/stream', { headers: { cookie } })
        expect(stream.status).toBe(200)
        await stream.body!.cancel()
      })

      test('a bearer beside the cookie is asked alone: a wrong one is 401, and no matter of other sites', async () => {
        const headers = { cookie, authorization: 'Bearer nonsense', 'sec-fetch-site': 'cross-site' }
        for (const [method, path] of [
          ['GET', '/api/instances'],
          ['POST', '/api/auth/logout'],
          ['GET', '/api/stream'],
        ] as const) {
          expect([path, (await ask(path, { method, headers })).status]).toEqual([path, 401])
        }
        expect((await browser.get('/api/auth/me')).status).toBe(200)
      })
    })

    describe('other applications', () => {
      const preflight = (origin: string) =>
        ask('/api/instances', {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization',
          },
        })

      test('#23 a preflight from a foreign origin hears nothing of CORS', async () => {
        expect(corsOf(await preflight(foreign))).toEqual({})
        expect(corsOf(await preflight('null'))).toEqual({})
        expect(corsOf(await preflight(`${listed}.evil.example.com`))).toEqual({})
      })

      test('#23 a listed one may call with a token, never with the cookie, and never as "*"', async () => {
        const response = await preflight(listed)
        expect(response.status).toBe(204)
        expect(corsOf(response)).toMatchObject({
          'access-control-allow-origin': listed,
          'access-control-allow-headers': 'authorization',
        })
        expect(response.headers.get('vary')).toContain('Origin')
        const answers = [
          await ask('/api/auth/providers', { headers: { origin: listed } }),
          await ask('/api/instances', { headers: { origin: listed, authorization: 'Bearer x' } }),
          await ask('/api/deployments', { headers: { origin: listed, cookie } }),
        ]
        expect(answers.map(({ status }) => status)).toEqual([200, 401, 200])
        for (const answer of [response, ...answers]) {
          expect(corsOf(answer)).toMatchObject({ 'access-control-allow-origin': listed })
          expect(corsOf(answer)).not.toHaveProperty('access-control-allow-credentials')
          expect(answer.headers.get('vary')).toContain('Origin')
        }
        const other = await ask('/api/auth/providers', { headers: { origin: foreign } })
        expect(corsOf(other)).toEqual({})
        expect(other.headers.get('vary')).toContain('Origin')
      })
    })

    describe('limits', () => {
      const statuses = async (count: number, one: () => Response | Promise<Response>) => {
        const seen = new Map<number, number>()
        for (let times = 0; times < count; times += 1) {
          const { status } = await one()
          seen.set(status, (seen.get(status) ?? 0) + 1)
        }
        return Object.fromEntries(seen)
      }

      test('20 sign-ins a minute from one address, whatever it says where it comes from', async () => {
        let forged = 0
        const begin = () =>
          ask('/api/auth/login/oidc', {
            peer: '192.0.2.60',
            headers: { 'x-forwarded-for': `198.51.100.${(forged += 1)}` },
          })
        expect(await statuses(25, begin)).toEqual({ 302: 20, 429: 5 })
        const response = await begin()
        expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
        // A browser shows it to a person.
        expect(await response.text()).toContain('/login?error=too-many-requests')
        expect(response.headers.get('ratelimit-policy')).toBe('"login";q=20;w=60')
        expect((await ask('/api/auth/login/oidc', { peer: '192.0.2.61' })).status).toBe(302)
      })

      test('behind a trusted proxy each client has its own', async () => {
        const begin = (client: string) =>
          ask('/api/auth/login/oidc', {
            peer: '172.16.0.1',
            headers: { 'x-forwarded-for': `1.2.3.4, ${client}` },
          })
        expect(await statuses(21, () => begin('192.0.2.70'))).toEqual({ 302: 20, 429: 1 })
        expect((await begin('192.0.2.71')).status).toBe(302)
      })

      test('callbacks that nobody began, setup codes and wrong bearers are bounded too', async () => {
        const [a, b, c] = ['192.0.2.80', '192.0.2.81', '192.0.2.82']
        const callback = () => ask('/api/auth/callback/oidc?state=x&code=y', { peer: a })
        expect(await statuses(22, callback)).toEqual({ 400: 20, 429: 2 })
        const setup = () =>
          ask('/api/auth/setup', {
            method: 'POST',
            peer: b,
            headers: { 'sec-fetch-site': 'same-origin' },
          })
        expect((await statuses(12, setup))[429]).toBe(2)
        const bearer = () =>
          ask('/api/instances', { peer: c, headers: { authorization: 'Bearer x' } })
        expect(await statuses(32, bearer)).toEqual({ 401: 30, 429: 2 })
      })

      test('everything one person asks, from wherever, and nobody else’s', async () => {
        const [busy, other] = [world.hub.browser(), world.hub.browser()]
        await busy.signIn('busy')
        await other.signIn('other')
        const again = world.hub.browser('192.0.2.90', busy.cookies)
        await world.hub.frozen(async () => {
          expect(await statuses(310, () => busy.get('/api/auth/me'))).toEqual({ 200: 300, 429: 10 })
          expect((await again.get('/api/auth/me')).status).toBe(429)
          expect((await other.get('/api/auth/me')).status).toBe(200)
          const anonymous = () => ask('/api/auth/providers', { peer: '192.0.2.91' })
          expect(await statuses(301, anonymous)).toEqual({ 200: 300, 429: 1 })
        })
      })
    })

    test('sessions show the client behind a trusted proxy, and what strangers claim to be nobody', async () => {
      const signInThrough = async (peer: string) => {
        const visitor = world.hub.browser(peer)
        const forwarded = { 'x-forwarded-for': '203.0.113.9' }
        world.identityProvider.beHonest()
        const login = await visitor.request('/api/auth/login/oidc', { headers: forwarded })
        const url = new URL(login.headers.get('location')!)
        const parameters = world.identityProvider.authorize(url)
        await visitor.request(`/api/auth/callback/oidc?${parameters.toString()}`, {
          headers: forwarded,
        })
        const response = await visitor.get('/api/auth/sessions')
        const { items } = (await response.json()) as { items: { ip: string; isCurrent: boolean }[] }
        return items.find(({ isCurrent }) => isCurrent)!.ip
      }
      expect(await signInThrough('172.16.0.1')).toBe('203.0.113.9')
      expect(await signInThrough('192.0.2.100')).toBe('192.0.2.100')
    })

    test('#13 a forwarded Host leads nowhere but to allowed ones', async () => {
      const login = (peer: string, forwarded: string) =>
        ask('/api/auth/login/oidc', { peer, headers: { 'x-forwarded-host': forwarded } })
      expect((await login('172.16.0.2', 'evil.example.com')).status).toBe(400)
      const redirectUriOf = (response: Response) =>
        new URL(response.headers.get('location')!).searchParams.get('redirect_uri')
      const spoofed = await login('192.0.2.110', 'evil.example.com')
      expect(redirectUriOf(spoofed)).toBe(`${hubOrigin}/api/auth/callback/oidc`)
      const trusted = await login('172.16.0.2', '127.0.0.1:3001')
      expect(redirectUriOf(trusted)).toBe('http://127.0.0.1:3001/api/auth/callback/oidc')
    })
  },
)
