import type { CreatedApiToken } from '@hub/shared'
import { expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'
import type { HubWorld } from '../test/describe-hub.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const question = (model: string, more: object = {}) => ({
  model,
  messages: [{ role: 'user', content: 'How much is it?' }],
  max_tokens: 5,
  ...more,
})

const rowsOf = async ({ database: { db } }: HubWorld, principal: string) =>
  (await db.read.select().from(db.tables.usageHours)).filter((row) => row.principal === principal)

describeGateway(
  'a gateway with limits',
  ({ issuer }) => ({
    HUB_GRANTS: JSON.stringify([
      { principal: `service:viewer@${issuer}`, role: 'viewer' },
      { principal: `service:few@${issuer}`, role: 'viewer', limits: { requestsPerMinute: 2 } },
      { principal: `service:short@${issuer}`, role: 'viewer', limits: { tokensPerDay: 1 } },
      { principal: 'oidc:ada', role: 'deployer' },
    ]),
  }),
  (at) => {
    const ready = async () => {
      const { as, call } = at()
      const headers = await as('viewer')
      await vi.waitFor(async () => {
        expect((await call('/v1/models/east/team/qwen', { headers })).status).toBe(200)
      }, soon)
    }
    /** The minute must not end between two calls. */
    const inMinute = async (work: () => Promise<void>) => {
      const leftMs = 60_000 - (Date.now() % 60_000)
      if (leftMs < 5_000)
        await vi.waitFor(() => expect(Date.now() % 60_000).toBeLessThan(5_000), soon)
      await work()
    }

    test("says in each protocol's words that a grant's limit is reached, and when it is not any more", async () => {
      await ready()
      await inMinute(async () => {
        const { as, call } = at()
        const headers = await as('few')
        const post = (path: string) => call(path, { headers, body: question('east/team/qwen') })
        expect((await post('/v1/chat/completions')).status).toBe(200)
        expect((await post('/v1/messages')).status).toBe(200)
        const openai = await post('/v1/chat/completions')
        expect(openai.status).toBe(429)
        const seconds = Number(openai.headers.get('retry-after'))
        expect(seconds).toBeGreaterThan(0)
        expect(seconds).toBeLessThanOrEqual(60)
        expect(await openai.json()).toMatchObject({
          error: {
            type: 'rate_limit_error',
            code: 'too_many_requests',
            message: expect.stringContaining(
              '2 requests a minute that the role viewer on all instances',
            ),
          },
        })
        const anthropic = await post('/v1/messages')
        expect(anthropic.status).toBe(429)
        expect(await anthropic.json()).toMatchObject({
          type: 'error',
          error: { type: 'rate_limit_error' },
        })
        expect((await call('/v1/models', { headers })).status).toBe(200)
      })
    })

    test('counts the tokens of a stream, and says when those of a day are used up', async () => {
      await ready()
      const { as, call, world } = at()
      const headers = await as('short')
      const body = question('east/team/qwen', { stream: true })
      const stream = await call('/v1/chat/completions', { headers, body })
      const text = await stream.text()
      expect(text).not.toMatch(/"choices":\[\]/)
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
      const refused = await call('/v1/chat/completions', { headers, body })
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      await vi.waitFor(async () => {
        const principal = `service:short@${at().issuer.issuer}`
        expect(await rowsOf(world, principal)).toMatchObject([
          {
            instance: 'east',
            namespace: 'team',
            deployment: 'qwen',
            requests: 1,
            completionTokens: 5,
          },
        ])
      }, soon)
    })

    test('gives a client that asks for the usage of a stream what the engine says', async () => {
      await ready()
      const { as, call } = at()
      const body = question('east/team/qwen', {
        stream: true,
        stream_options: { include_usage: true },
      })
      const text = await (
        await call('/v1/chat/completions', { headers: await as('viewer'), body })
      ).text()
      expect(text).toMatch(/"choices":\[\],"usage":\{"prompt_tokens":\d+,"completion_tokens":5/)
    })

    test('a token for models alone uses them, and is good for nothing else of the hub', async () => {
      await ready()
      const { call, world } = at()
      const browser = world.hub.browser()
      await browser.signIn('ada')
      const make = async (more: object) => {
        const given = {
          name: 'app',
          roleCeiling: 'deployer',
          expiresInDays: 1,
          isUseOnly: true,
          ...more,
        }
        const { secret, token } = (await (
          await browser.send('POST', '/api/auth/tokens', given)
        ).json()) as CreatedApiToken
        return { token, headers: { authorization: `Bearer ${secret}`, accept: 'application/json' } }
      }
      const { headers, token } = await make({})
      expect(token.isUseOnly).toBe(true)
      const body = question('east/team/qwen')
      expect((await call('/v1/chat/completions', { headers, body })).status).toBe(200)
      const narrow = await make({ instanceIds: ['west'] })
      const status = async (path: string, options: object) => (await call(path, options)).status
      expect(await status('/v1/chat/completions', { headers: narrow.headers, body })).toBe(404)
      expect(await status('/v1/models/west/team/qwen', { headers: narrow.headers })).toBe(200)
      for (const path of ['/api/auth/me', '/api/deployments', '/api/instances', '/api/stream']) {
        const refused = await call(path, { headers })
        expect([path, refused.status]).toEqual([path, 403])
        expect(await refused.json()).toMatchObject({
          code: 'forbidden',
          detail: expect.stringContaining('models alone'),
        })
      }
      const request = { role: 'admin', reason: 'more', minutes: 60 }
      expect(await status('/api/access-requests', { headers, body: request })).toBe(403)
      expect(
        await status('/mcp', { headers, body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } }),
      ).toBe(403)
      expect(
        await status(`/api/auth/tokens/${narrow.token.id}`, { headers, method: 'DELETE' }),
      ).toBe(403)
      expect(await status(`/api/auth/tokens/${token.id}`, { headers, method: 'DELETE' })).toBe(204)
      expect(await status('/v1/models', { headers })).toBe(401)
    })
  },
)

describeGateway(
  'a gateway whose issuer has people that never signed in',
  ({ issuer }) => ({
    OIDC_ISSUER_URL: issuer,
    OIDC_CLIENT_ID: 'chat',
    GATEWAY_ACCESS: 'authenticated',
    JWT_ISSUERS: '',
  }),
  (at) => {
    const asPerson = () => at().as('desk', { sub: 'grace', aud: 'chat' })

    test('takes them, counts what they use, and writes nobody down', async () => {
      const { call, issuer, world } = at()
      const headers = await asPerson()
      await vi.waitFor(async () => {
        expect((await call('/v1/models/east/team/qwen', { headers })).status).toBe(200)
      }, soon)
      const body = question('east/team/qwen')
      const answer = await call('/v1/chat/completions', { headers, body })
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringContaining('choices'),
      ])
      const { db } = world.database
      await vi.waitFor(async () => {
        expect(await rowsOf(world, `user:grace@${issuer.issuer}`)).toMatchObject([{ requests: 1 }])
      }, soon)
      expect(await db.read.select().from(db.tables.users)).toEqual([])
      expect(await db.read.select().from(db.tables.servicePrincipals)).toEqual([])
    })

    test('gives them nothing else of the hub', async () => {
      const { call } = at()
      const headers = await asPerson()
      for (const path of [
        '/api/auth/me',
        '/api/instances',
        '/api/deployments',
        '/api/admin/audit',
      ]) {
        const refused = await call(path, { headers })
        expect([path, refused.status]).toEqual([path, 403])
        expect(await refused.json()).toMatchObject({
          detail: expect.stringContaining('Sign in to the portal once'),
        })
      }
    })
  },
)

describeGateway(
  'a gateway of grants',
  ({ issuer }) => ({ OIDC_ISSUER_URL: issuer, OIDC_CLIENT_ID: 'chat', JWT_ISSUERS: '' }),
  (at) => {
    test('refuses people who never signed in', async () => {
      const { as, call } = at()
      const headers = await as('desk', { sub: 'grace', aud: 'chat' })
      const refused = await call('/v1/models', { headers })
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({ error: { type: 'permission_error' } })
    })
  },
)
