import {
  createServer,
  type IncomingHttpHeaders,
  request,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { json as readJson } from 'node:stream/consumers'
import { createModelLoad } from '@hub/demo'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'
import { serveApp } from '../test/serve-app.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const json = { 'content-type': 'application/json' }
const events = { 'content-type': 'text/event-stream' }
const piece = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n'
const key = 'gsk-canary-of-nobody'

const question = (model: string, more: object = {}) => ({
  model,
  messages: [{ role: 'user', content: 'Are you there?' }],
  ...more,
})

let groq: ReturnType<typeof createServer>
let heard: IncomingHttpHeaders
let groqAnswers: (response: ServerResponse) => void
beforeEach(() => {
  groqAnswers = (response) => response.writeHead(401, json).end(`{"error":"${key}"}`)
})
beforeAll(async () => {
  groq = createServer((asked, response) => {
    heard = asked.headers
    groqAnswers(response)
  })
  await new Promise<void>((resolve) => groq.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void groq.close())

describeGateway(
  'a gateway before models that fail',
  ({ issuer }) => ({
    GROQ_API_KEY: key,
    GROQ_API_URL: `http://127.0.0.1:${(groq.address() as AddressInfo).port}/v1`,
    HUB_GRANTS: JSON.stringify([{ principal: `service:viewer@${issuer}`, role: 'viewer' }]),
  }),
  (at) => {
    const ready = async () => {
      const { as, call } = at()
      const headers = await as('viewer')
      await vi.waitFor(async () => {
        const response = await call('/v1/models', { headers })
        const { data } = (await response.json()) as { data: { id: string }[] }
        const ids = data.map(({ id }) => id)
        expect(ids).toEqual(expect.arrayContaining(['east/team/qwen', 'west/team/qwen']))
      }, soon)
      return headers
    }
    /** What `east` answers to a chat, in place of its engine. */
    const eastAnswers = (answer: (response: ServerResponse) => void) =>
      backend(at().east, (path, asked, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
        asked.resume().on('end', () => answer(response))
      })
    const ask = async (
      answer: (response: ServerResponse) => void,
      { path = '/v1/chat/completions', stream = false } = {},
    ) => {
      const headers = await ready()
      const model = eastAnswers(answer)
      const body = question('east/team/qwen', { stream, max_tokens: 3 })
      const response = await at().call(path, { headers, body })
      const text = await response.text().catch((error: unknown) => String(error))
      model.restore()
      return { status: response.status, text }
    }

    test('a model that shares its address with others is asked for by its own name', async () => {
      const headers = await ready()
      const { east } = at()
      let asked: unknown
      const before = east.models.get('other/llama')!
      east.models.set('other/llama', {
        id: 'shared',
        load: createModelLoad(),
        handle: async (path, call, response) => {
          const data = [{ id: 'another' }, { id: 'Llama-3.1-8B-Instruct' }]
          if (path === '/v1/models') return response.end(JSON.stringify({ data }))
          asked = await readJson(call)
          return response.writeHead(200, json).end('{"choices":[]}')
        },
      })
      const body = question('meta-llama/Llama-3.1-8B-Instruct')
      expect((await at().call('/v1/chat/completions', { headers, body })).status).toBe(200)
      expect(asked).toMatchObject({ model: 'Llama-3.1-8B-Instruct' })
      east.models.set('other/llama', before)
    })

    test('a model that was started again under another name is asked for by that from the next call on', async () => {
      const headers = await ready()
      let name = 'first'
      const model = backend(at().east, async (path, call, response) => {
        if (path === '/v1/models') return response.end(JSON.stringify({ data: [{ id: name }] }))
        const asked = (await readJson(call)) as { model: string }
        return response.writeHead(asked.model === name ? 200 : 404, json).end('{"choices":[]}')
      })
      const askStatus = async () => {
        const body = question('east/team/qwen')
        return (await at().call('/v1/chat/completions', { headers, body })).status
      }
      // What an earlier test was told of it is forgotten first.
      await askStatus()
      expect(await askStatus()).toBe(200)
      name = 'second'
      expect([await askStatus(), await askStatus()]).toEqual([404, 200])
      model.restore()
    })

    test('two Authorization headers: 400, whichever of them is good', async () => {
      const { authorization } = await ready()
      await using served = await serveApp(at().world.hub)
      const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
      const headers = ['Host', new URL(served.url).host, 'Accept', 'application/json']
      const twice = ['Authorization', authorization!, 'Authorization', 'Bearer other']
      request(`${served.url}/v1/models`, { headers: [...headers, ...twice] }, resolve).end()
      const response = await promise
      expect(response.statusCode).toBe(400)
      expect(JSON.parse(Buffer.concat(await response.toArray()).toString())).toMatchObject({
        error: { message: expect.stringContaining('more than one Authorization header') },
      })
    })

    test.each([
      ['an ID token', { nonce: 'n', at_hash: 'h' }, 401],
      ['one that does not say that it is an access token', { scope: undefined }, 401],
      ['one that is not good yet', { nbf: Math.floor(Date.now() / 1000) + 3_600 }, 401],
    ])('%s', async (_, claims, status) => {
      const { as, call } = at()
      expect((await call('/v1/models', { headers: await as('viewer', claims) })).status).toBe(
        status,
      )
    })

    test.each([
      ['n', 1_000_000],
      ['best_of', 129],
      ['n', '129'],
      ['n', '1_000_000'],
    ])('%s: %s is more answers than a model is asked for at once', async (name, count) => {
      const headers = await ready()
      const body = question('east/team/qwen', { [name]: count })
      const response = await at().call('/v1/chat/completions', { headers, body })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        error: { type: 'invalid_request_error', message: expect.stringContaining('at most 128') },
      })
    })

    test.each([
      ['{"message":"too long","code":400}', 'too long'],
      ['{"error":"too long","error_type":"validation"}', 'too long'],
      ['{"error":"Bad Request","message":"too long"}', 'too long'],
      ['{"detail":"too long"}', 'too long'],
      ['{"detail":[{"loc":["body","n"],"msg":"must be 1"}]}', 'body.n: must be 1'],
      ['too long', 'too long'],
      ['<p>too long</p>', 'The model answered with status 400.'],
      ['{"detail":[]}', 'The model answered with status 400.'],
    ])('a model that refuses with %s: its reason, in the envelope', async (body, message) => {
      const { status, text } = await ask((response) => response.writeHead(400).end(body))
      expect(status).toBe(400)
      expect(JSON.parse(text)).toMatchObject({ error: { message, type: 'invalid_request_error' } })
    })

    test.each([
      ['nothing', (response: ServerResponse) => response.end(), /answered nothing/],
      [
        'a web page',
        (response: ServerResponse) =>
          response.writeHead(200, { 'content-type': 'text/html' }).end('<html>canary</html>'),
        /not in the protocol of OpenAI/,
      ],
      [
        'garbage',
        (response: ServerResponse) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end('\0\x01\x02'),
        /not in the protocol of OpenAI/,
      ],
    ])('a model that answers %s: 502 in the words of the protocol', async (_, answer, words) => {
      const { status, text } = await ask(answer)
      expect(status).toBe(502)
      expect(JSON.parse(text)).toMatchObject({
        error: { type: 'api_error', message: expect.stringMatching(words) },
      })
    })

    test.each([
      [
        'ends in the middle',
        (response: ServerResponse) => response.writeHead(200, events).end(piece),
      ],
      ['ends before anything', (response: ServerResponse) => response.writeHead(200, events).end()],
      [
        'ends in half an event',
        (response: ServerResponse) => response.writeHead(200, events).end(`${piece}data: {"choi`),
      ],
      [
        'breaks off in half an event',
        (response: ServerResponse) => {
          response.writeHead(200, events).write(`${piece}data: {"choi`)
          setImmediate(() => response.destroy())
        },
      ],
    ])('a stream that %s ends with an error event, and no half one', async (_, answer) => {
      const { status, text } = await ask(answer, { stream: true })
      expect(status).toBe(200)
      const told = text.split('\n\n').filter((event) => event.trim() !== '')
      for (const event of told) expect(() => JSON.parse(event.slice('data: '.length))).not.toThrow()
      expect(JSON.parse(told.at(-1)!.slice('data: '.length))).toMatchObject({
        error: { type: 'api_error' },
      })
    })

    test('a stream whose last event is long is whole', async () => {
      const response = { output: 'x'.repeat(200_000), usage: { input_tokens: 1, output_tokens: 2 } }
      const data = JSON.stringify({ type: 'response.completed', response })
      const told = `event: response.completed\ndata: ${data}\n\n`
      const { text } = await ask((engine) => engine.writeHead(200, events).end(told), {
        path: '/v1/responses',
        stream: true,
      })
      expect(text === told).toBe(true)
    })

    test('one of responses ends with an error event as its protocol numbers it', async () => {
      const created = 'event: response.created\ndata: {"type":"response.created"}\n\n'
      const { text } = await ask((response) => response.writeHead(200, events).end(created), {
        path: '/v1/responses',
        stream: true,
      })
      const [, data] = text.split('event: error\ndata: ')
      const error = {
        code: 'instance_error',
        message: expect.stringContaining('stopped in the middle') as string,
        param: null,
      }
      expect(JSON.parse(data!)).toEqual({
        ...error,
        type: 'error',
        sequence_number: 1,
        error: { ...error, type: 'api_error' },
      })
    })

    test("Anthropic's ends with its own", async () => {
      const start = 'event: message_start\ndata: {"type":"message_start"}\n\n'
      const { text } = await ask((response) => response.writeHead(200, events).end(start), {
        path: '/v1/messages',
        stream: true,
      })
      expect(text).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"api_error"/)
    })

    test('a provider that refuses the key: who can do something about it is told, and the key is not', async () => {
      const headers = await ready()
      const { call, world } = at()
      const response = await call('/v1/chat/completions', { headers, body: question('groq/llama') })
      const text = await response.text()
      expect(response.status).toBe(502)
      expect(text).toContain('GROQ_API_KEY')
      expect(text + world.hub.lines.join()).not.toContain(key)
    })

    test.each([
      ['日本語', '%E6%97%A5%E6%9C%AC%E8%AA%9E'],
      ['a\r\nX-Injected: b', 'a%0D%0AX-Injected: b'],
      ['half of \ud83d', 'half of %EF%BF%BD'],
    ])('a provider outside is asked for %j, and a header names it', async (model, named) => {
      groqAnswers = (answer) => answer.writeHead(200, json).end('{"choices":[]}')
      const headers = await ready()
      await using served = await serveApp(at().world.hub)
      const response = await fetch(`${served.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify(question(`groq/${model}`)),
      })
      expect(await response.text()).toBe('{"choices":[]}')
      expect(response.headers.get('x-selected-model')).toBe(named)
      expect(response.headers.has('x-injected')).toBe(false)
    })

    test.each([
      ['an answer', 200, json, '{"choices":', 502],
      [
        'an answer that is not what it says',
        200,
        { ...json, 'content-encoding': 'gzip' },
        '{}',
        502,
      ],
      ['a refusal', 400, json, '{"error":', 502],
      ['a stream', 200, events, piece, 200],
    ])(
      'a provider outside that breaks off %s is told to have, and not the hub',
      async (_, status, given, part, answered) => {
        groqAnswers = (answer) => {
          answer.writeHead(status, given).write(part)
          setTimeout(() => answer.destroy(), 20)
        }
        const headers = await ready()
        const body = question('groq/llama', { stream: given === events })
        const response = await at().call('/v1/chat/completions', { headers, body })
        const text = await response.text()
        expect(response.status).toBe(answered)
        expect(JSON.parse(text.split('data: ').at(-1)!)).toMatchObject({
          error: {
            type: 'api_error',
            message: expect.stringContaining('Provider "groq" stopped in the middle') as string,
          },
        })
      },
    )

    test('a provider outside whose caller left is not told to have failed', async () => {
      const headers = await ready()
      const { lines } = at().world.hub
      const before = lines.length
      await using served = await serveApp(at().world.hub)
      const leave = new AbortController()
      groqAnswers = (answer) => {
        answer.on('close', () => groqLeft.resolve())
        leave.abort()
      }
      const groqLeft = Promise.withResolvers<void>()
      const body = JSON.stringify(question('groq/llama'))
      const asked = { method: 'POST', headers, body, signal: leave.signal }
      await expect(fetch(`${served.url}/v1/chat/completions`, asked)).rejects.toThrow('aborted')
      await groqLeft.promise
      await vi.waitFor(() => {
        const told = lines.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>)
        expect(told).toContainEqual(expect.objectContaining({ path: '/v1/chat/completions' }))
        expect(told.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([])
      }, soon)
    })

    test("a provider outside hears its protocol's headers, and nothing of traces", async () => {
      const headers = await ready()
      const theirs = { 'openai-beta': 'assistants=v2', tracestate: 'vendor=1' }
      await at().call('/v1/chat/completions', {
        headers: { ...headers, ...theirs },
        body: question('groq/llama'),
      })
      expect(heard).toMatchObject({
        'openai-beta': 'assistants=v2',
        authorization: `Bearer ${key}`,
      })
      expect(heard).not.toHaveProperty('tracestate')
    })
  },
)
