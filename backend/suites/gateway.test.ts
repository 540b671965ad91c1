import { expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'
import { socketOf } from '../test/hub.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const canary = 'canary-7f3a what nobody else may read'

const question = (model: string, more: object = {}) => ({
  model,
  messages: [{ role: 'user', content: canary }],
  ...more,
})

describeGateway(
  'the gateway',
  () => ({ DISALLOWED_MODELS: 'org/banned' }),
  (at) => {
    const ready = async () => {
      const { as, call } = at()
      await vi.waitFor(async () => {
        const { data } = await json(await call('/v1/models', { headers: await as('viewer') }))
        expect(data.map(({ id }: { id: string }) => id)).toContain('west/team/qwen')
        expect(data.map(({ id }: { id: string }) => id)).toContain('east/team/qwen')
      }, soon)
    }

    test('without a header says so, as text to curl and in its envelope to a client', async () => {
      const { call } = at()
      const text = await call('/v1/models')
      expect(text.status).toBe(401)
      expect(await text.text()).toBe('Authorization header missing')
      expect(text.headers.get('www-authenticate')).toBe('Bearer realm="hub"')
      const envelope = await call('/v1/models', { headers: { accept: 'application/json' } })
      expect(await json(envelope)).toMatchObject({
        error: {
          message: 'Authorization header missing',
          type: 'authentication_error',
          code: 'missing_authorization',
        },
      })
    })

    test.each([
      ['another scheme', 'Basic YTpi', 401],
      ['no token', 'Bearer ', 401],
      ['what is no token', 'Bearer nothing', 401],
    ])('refuses %s', async (_, authorization, status) => {
      const { call } = at()
      const response = await call('/v1/models', { headers: { authorization } })
      expect(response.status).toBe(status)
      expect((await json(response)).error.type).toBe('authentication_error')
    })

    test('refuses a token for another audience, and one that ended more than 5 s ago', async () => {
      const { as, call } = at()
      const now = Math.floor(Date.now() / 1000)
      const status = async (claims: object) =>
        (await call('/v1/models', { headers: await as('viewer', claims) })).status
      expect(await status({ aud: 'other' })).toBe(401)
      expect(await status({ exp: now - 60 })).toBe(401)
      expect(await status({ exp: now - 2 })).toBe(200)
    })

    test('knows no browser session', async () => {
      const { world } = at()
      const browser = world.hub.browser()
      await browser.signIn('somebody')
      const response = await browser.request('/v1/models', {
        headers: { accept: 'application/json' },
      })
      expect(response.status).toBe(401)
    })

    test('lists what the caller may use, each by its own and by its served names', async () => {
      await ready()
      const { as, call } = at()
      const ids = async (client: string, query = '') => {
        const { data, object } = await json(
          await call(`/v1/models${query}`, { headers: await as(client) }),
        )
        expect(object).toBe('list')
        return data.map(({ id }: { id: string }) => id)
      }
      expect(await ids('viewer')).toEqual([
        'Qwen/Qwen3-8B',
        'east/team/qwen',
        'qwen3',
        'west/team/qwen',
      ])
      expect(await ids('west')).toEqual(['Qwen/Qwen3-8B', 'qwen3', 'west/team/qwen'])
      expect(await ids('viewer', '?provider=east')).not.toContain('west/team/qwen')
      expect(await ids('nobody')).toEqual([])
      const one = await call('/v1/models/east/team/qwen', { headers: await as('viewer') })
      expect(await json(one)).toMatchObject({ id: 'east/team/qwen', owned_by: 'east' })
      const foreign = await call('/v1/models/east/other/llama', { headers: await as('viewer') })
      const none = await call('/v1/models/east/other/none', { headers: await as('viewer') })
      expect([foreign.status, none.status]).toEqual([404, 404])
      expect((await json(foreign)).error.code).toBe('model_not_found')
    })

    test('answers a chat, with what was chosen, and passes no credential on', async () => {
      await ready()
      const { as, call, west } = at()
      const seen: Record<string, unknown>[] = []
      const model = backend(west, (path, request, response) => {
        seen.push({ path, ...request.headers })
        response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' })
        response.end('{"choices":[]}')
      })
      const response = await call('/v1/chat/completions?provider=west', {
        headers: { ...(await as('viewer')), cookie: 'hub_session=x', 'x-forwarded-for': '1.2.3.4' },
        body: question('qwen3'),
      })
      model.restore()
      expect(response.status).toBe(200)
      expect(response.headers.get('x-selected-provider')).toBe('west')
      expect(response.headers.get('x-selected-model')).toBe('west/team/qwen')
      expect(response.headers.get('server-timing')).toMatch(
        /^queue;dur=[\d.]+, connect;dur=[\d.]+, first-byte;dur=[\d.]+, total;dur=[\d.]+$/,
      )
      expect(response.headers.get('set-cookie')).toBeNull()
      const last = seen.at(-1)!
      expect(last['path']).toBe('/v1/chat/completions')
      expect(JSON.stringify(last)).not.toMatch(/hub_session|1\.2\.3\.4/)
      expect(String(last['authorization'])).not.toContain('eyJ0')
    })

    test('streams as it comes, calls the model what its engine calls it, and reads any content type', async () => {
      await ready()
      const { as, call } = at()
      const response = await call('/v1/chat/completions', {
        headers: await as('viewer'),
        body: question('Qwen/Qwen3-8B', { stream: true, max_tokens: 3 }),
      })
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
      const text = await response.text()
      expect(text.match(/^data: /gm)!.length).toBeGreaterThan(4)
      expect(text).toContain('"model":"qwen3"')
      expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
      const message = await json(
        await call('/v1/messages', {
          headers: { ...(await as('viewer')), 'anthropic-version': '2023-06-01' },
          body: question('qwen3', { max_tokens: 10 }),
        }),
      )
      expect(message).toMatchObject({ type: 'message', role: 'assistant' })
    })

    test('goes elsewhere where a model is not served, and tells what has begun and broke', async () => {
      await ready()
      const { as, call, east, west } = at()
      const headers = await as('viewer')
      const chat = async () => call('/v1/chat/completions', { headers, body: question('qwen3') })
      const gone = backend(east, (_, __, response) => response.writeHead(503).end('{}'))
      const answers = await Promise.all(Array.from({ length: 8 }, chat))
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
      expect(new Set(answers.map((each) => each.headers.get('x-selected-provider')))).toEqual(
        new Set(['west']),
      )
      gone.restore()
      const broken = backend(west, (path, _, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"choices":[]}\n\n')
        setTimeout(() => response.destroy(), 20)
      })
      const stream = await call('/v1/chat/completions?provider=west', {
        headers,
        body: question('qwen3', { stream: true }),
      })
      const text = await stream.text()
      broken.restore()
      expect(text).toMatch(/^data: \{"choices":\[\]\}/)
      expect(text).toMatch(/data: \{"error":\{"message":.*"type":"api_error"/)
    })

    test.each([
      ['JSON of its own', 429, '{"error":{"message":"busy","type":"x"}}', 'busy'],
      ['a web page', 500, '<html>canary</html>', 'The model answered with status 500.'],
      ['a text', 400, 'no such parameter', 'no such parameter'],
    ])('keeps the status of a model that answers %s', async (_, status, body, message) => {
      await ready()
      const { as, call, east } = at()
      const failing = backend(east, (__, ___, response) => response.writeHead(status).end(body))
      const response = await call('/v1/chat/completions?provider=east', {
        headers: await as('viewer'),
        body: question('qwen3'),
      })
      failing.restore()
      expect(response.status).toBe(status)
      expect((await json(response)).error.message).toBe(message)
    })

    test('says what is wrong with a call', async () => {
      await ready()
      const { as, call } = at()
      const headers = await as('viewer')
      const post = async (body: unknown) => {
        const response = await call('/v1/chat/completions', { headers, body })
        return { status: response.status, ...(await json(response)).error }
      }
      expect(await post('{"model": ')).toMatchObject({ status: 400, code: 'invalid_json' })
      expect(await post({ messages: [] })).toMatchObject({ status: 400, code: 'invalid_request' })
      expect(await post(question('org/none'))).toMatchObject({ status: 404 })
      expect(await post(question('org/slow'))).toMatchObject({
        status: 503,
        message: expect.stringContaining('does not answer yet'),
      })
      expect(await post(`{"model":"a","x":"${'x'.repeat(11 * 1024 * 1024)}"}`)).toMatchObject({
        status: 413,
      })
      const unknown = await call('/v1/nothing', { headers, body: {} })
      expect(unknown.status).toBe(404)
      expect((await json(unknown)).error.message).toMatch(/There is no \/v1\/nothing/)
    })

    test('an abort of the client ends the request at the model', async () => {
      await ready()
      const { as, east, world } = at()
      let closed = 0
      const begun = Promise.withResolvers<void>()
      const endless = backend(east, (path, _, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {}\n\n')
        response.on('close', () => (closed += 1))
        begun.resolve()
      })
      const headers = new Headers({ host: 'localhost:3001', ...(await as('viewer')) })
      const response = await world.hub.app.request(
        'http://localhost:3001/v1/chat/completions?provider=east',
        { method: 'POST', headers, body: JSON.stringify(question('qwen3', { stream: true })) },
        socketOf('10.9.9.9', headers),
      )
      await begun.promise
      await response.body!.cancel()
      await vi.waitFor(() => expect(closed).toBe(1), soon)
      endless.restore()
    })

    test('no prompt is in any log', () => {
      const { world } = at()
      expect(world.hub.lines.length).toBeGreaterThan(0)
      expect(world.hub.lines.join('\n')).not.toContain(canary)
    })
  },
)

describeGateway(
  'a gateway whose issuer everybody may use',
  (issuer) => ({
    OIDC_ISSUER_URL: issuer.issuer,
    OIDC_CLIENT_ID: 'inference-gateway-client',
    OIDC_CLIENT_SECRET: 'your-client-secret',
    GATEWAY_ACCESS: 'authenticated',
    JWT_ISSUERS: '',
  }),
  (at) => {
    test('takes a token with its client as audience, and no other', async () => {
      const { as, call } = at()
      const headers = await as('anybody', { aud: 'inference-gateway-client' })
      await vi.waitFor(async () => {
        const { data } = await json(await call('/v1/models', { headers }))
        expect(data.map(({ id }: { id: string }) => id)).toContain('east/other/llama')
      }, soon)
      const other = await call('/v1/models', { headers: await as('anybody') })
      expect(other.status).toBe(401)
    })

    test('gives those who come with it nothing but models', async () => {
      const { as, call } = at()
      const headers = await as('anybody', { aud: 'inference-gateway-client' })
      const { items } = await json(await call('/api/instances', { headers }))
      expect(items).toEqual([])
    })
  },
)

describeGateway(
  'a gateway whose issuer was away at the start',
  (issuer) => {
    issuer.setDown(true)
    return {
      OIDC_ISSUER_URL: issuer.issuer,
      OIDC_CLIENT_ID: 'inference-gateway-client',
      JWT_ISSUERS: '',
    }
  },
  (at) => {
    test('says 503 to its tokens, and heals by itself', async () => {
      const { as, call, issuer } = at()
      const headers = await as('anybody', { aud: 'inference-gateway-client' })
      const away = await call('/v1/models', { headers })
      expect(away.status).toBe(503)
      expect((await json(away)).error.type).toBe('api_error')
      issuer.setDown(false)
      await vi.waitFor(async () => {
        expect((await call('/v1/models', { headers })).status).toBe(200)
      }, soon)
    })
  },
)

async function json(response: Response) {
  return JSON.parse(await response.text())
}
