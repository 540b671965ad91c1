import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'
import { serveApp } from '../test/serve-app.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const listed = 'https://chat.example.com'

describeGateway(
  'the gateway on the wire',
  () => ({ CORS_ORIGINS: listed }),
  (at) => {
    let server: Awaited<ReturnType<typeof serveApp>>
    let token: string
    let bodies: string[]
    let heads: IncomingHttpHeaders[]
    let model: ReturnType<typeof backend>

    beforeEach(async () => {
      const { as, call, west, world } = at()
      server = await serveApp(world.hub)
      token = (await as('west'))['authorization']!.slice('Bearer '.length)
      bodies = []
      heads = []
      model = backend(west, (path, request, response) => {
        if (path === '/v1/models') return response.end('{"data":[{"id":"qwen3"}]}')
        void text(request).then((body) => {
          bodies.push(body)
          heads.push(request.headers)
          response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}')
        })
        return undefined
      })
      await vi.waitFor(async () => {
        const response = await call('/v1/models', { headers: await as('west') })
        expect(await response.text()).toContain('west/team/qwen')
      }, soon)
    })
    afterEach(async () => {
      model.restore()
      await server[Symbol.asyncDispose]()
    })

    const post = (
      body: string | Uint8Array<ArrayBuffer>,
      headers: Record<string, string> = {},
      path = '/v1/chat/completions',
    ) =>
      fetch(server.url + path, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...headers },
      })
    /** What a socket hears until it is closed, or until it `isEnough`. */
    const speak = (parts: string[], isEnough: (heard: string) => boolean = () => false) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(server.url)
        const socket = connect(Number(port), hostname)
        let heard = ''
        const end = () => {
          socket.destroy()
          resolve(heard)
        }
        socket.on('error', reject).on('close', end)
        socket.on('data', (chunk: Buffer) => {
          heard += chunk.toString('latin1')
          const next = parts.shift()
          if (next !== undefined) socket.write(next)
          else if (isEnough(heard)) end()
        })
        socket.write(parts.shift()!)
      })
    const head = (more: string, version = '1.1') =>
      `POST /v1/chat/completions HTTP/${version}\r\nHost: ${new URL(server.url).host}\r\nAuthorization: Bearer ${token}\r\nAccept: application/json\r\n${more}\r\n\r\n`
    const errorOf = async (response: Response) =>
      ((await response.json()) as { error: Record<string, unknown> }).error

    test('a body reaches the model as it was written, but for its name there', async () => {
      const written = (name: string) =>
        `{ "seed": 12345678901234567890, "temperature":1.0,\n"logit_bias":{"1":-1e2,"1":5},"x_unknown":[null, {"model":"a"}],"model" : "${name}" ,"messages":[{"role":"user","content":"\\u00e4\\/ ä"}] }`
      const response = await post(written('west/team/qwen'), {
        'content-type': 'application/json; charset=utf-8',
      })
      expect(response.status).toBe(200)
      expect(bodies).toEqual([written('qwen3')])
    })

    test("of a call's headers those of its protocol and of its trace reach the model, and no other", async () => {
      const theirs = {
        'anthropic-beta': 'files-api-2025-04-14,context-1m-2025-08-07',
        'anthropic-version': '2023-06-01',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        tracestate: 'vendor=1',
      }
      const own = { cookie: 'a=b', 'x-forwarded-for': '192.0.2.1', 'openai-organization': 'org' }
      const body = '{"model":"west/team/qwen","max_tokens":1,"messages":[]}'
      await post(body, { ...theirs, ...own }, '/v1/messages')
      expect(heads[0]).toMatchObject({ ...theirs, 'content-type': 'application/json' })
      for (const name of Object.keys(own)) expect(heads[0]).not.toHaveProperty(name)
    })

    test('a byte order mark is left out, and what is nested deep is nothing special', async () => {
      const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
      expect((await post(`\ufeff{"model":"west/team/qwen","x":${deep}}`)).status).toBe(200)
      expect(bodies).toEqual([`{"model":"qwen3","x":${deep}}`])
    })

    test('an encoded body is refused as that, not as one that is no JSON', async () => {
      const body = gzipSync('{"model":"west/team/qwen"}')
      const refused = await post(Uint8Array.from(body), { 'content-encoding': 'gzip' })
      expect(refused.status).toBe(415)
      expect(await errorOf(refused)).toMatchObject({
        type: 'invalid_request_error',
        code: 'unsupported_media_type',
        message: expect.stringContaining('Content-Encoding') as string,
      })
      const plain = await post('{"model":"west/team/qwen"}', { 'content-encoding': 'identity' })
      expect(plain.status).toBe(200)
    })

    test('who asks to go on is told to, and a body may come in chunks', async () => {
      const body = '{"model":"west/team/qwen"}'
      const asked = head(
        `Content-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close`,
      )
      const heard = await speak([asked, body])
      expect(heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
      const [first, second] = [body.slice(0, 5), body.slice(5)]
      const chunks = [first, second, ''].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
      const chunked = head('Transfer-Encoding: chunked\r\nConnection: close') + chunks.join('')
      expect(await speak([chunked])).toMatch(/^HTTP\/1\.1 200 /)
      expect(bodies).toHaveLength(2)
    })

    test('a client of HTTP/1.0 gets an answer without chunks', async () => {
      const body = '{"model":"west/team/qwen"}'
      const heard = await speak([head(`Content-Length: ${body.length}`, '1.0') + body])
      expect(heard).toMatch(/^HTTP\/1\.1 200 /)
      expect(heard.toLowerCase()).not.toContain('transfer-encoding')
      expect(heard.endsWith('\r\n\r\n{"choices":[]}')).toBe(true)
    })

    test('a connection goes on after errors', async () => {
      const ask = (body: string) => head(`Content-Length: ${body.length}`) + body
      const good = '{"model":"west/team/qwen"}'
      const wrong = ['{', '{"model":"none"}', '[]'].map(ask)
      const last = ask(good).replace('Accept:', 'Connection: close\r\nAccept:')
      const heard = await speak([...wrong, last])
      expect([...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
        '400',
        '404',
        '400',
        '200',
      ])
    })

    test.each([
      ['announced', 'Content-Length: 1000', '{"model":"west/team/qwen"'],
      ['in chunks', 'Transfer-Encoding: chunked', '9\r\n{"model":\r\n'],
    ])(
      'who leaves before the end of a body that is %s is no failure of the hub',
      async (_, how, part) => {
        const { lines } = at().world.hub
        const before = lines.length
        const { hostname, port } = new URL(server.url)
        const socket = connect(Number(port), hostname)
        await new Promise((resolve) => socket.write(head(how) + part, resolve))
        setTimeout(() => socket.destroy(), 50)
        await vi.waitFor(() => {
          const told = lines
            .slice(before)
            .map((line) => JSON.parse(line) as Record<string, unknown>)
          expect(told).toContainEqual(expect.objectContaining({ status: 400 }))
          expect(told.filter(({ level }) => level === 'error')).toEqual([])
        }, soon)
        expect(bodies).toEqual([])
      },
    )

    test('who announces too much is answered before sending it', async () => {
      const announced = head(`Content-Length: ${11 * 1024 * 1024}`)
      const heard = await speak([announced], (all) => all.includes('"error"'))
      expect(heard).toMatch(/^HTTP\/1\.1 413 /)
      expect(bodies).toEqual([])
    })

    test('a model has one address, however its slashes are written', async () => {
      for (const name of ['west/team/qwen', 'west%2Fteam%2Fqwen', 'west%2fteam/qwen']) {
        const response = await fetch(`${server.url}/v1/models/${name}`, {
          headers: { authorization: `Bearer ${token}` },
        })
        expect(await response.json()).toMatchObject({ id: 'west/team/qwen', object: 'model' })
      }
    })

    test('what there is not is told as an address that is none, not as a model', async () => {
      const form = new FormData()
      form.set('model', 'whisper-1')
      form.set('file', new Blob(['RIFF']), 'a.wav')
      for (const path of [
        '/v1/audio/transcriptions',
        '/v1/images/generations',
        '/v1/chat/completions/',
      ]) {
        const response = await fetch(server.url + path, {
          method: 'POST',
          body: form,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        })
        expect(response.status).toBe(404)
        expect(await errorOf(response)).toMatchObject({
          type: 'invalid_request_error',
          code: 'unknown_url',
          message: expect.stringContaining(path) as string,
        })
      }
      const counted = await post('{}', {}, '/v1/messages/count_tokens')
      expect([counted.status, (await errorOf(counted))['type']]).toEqual([404, 'not_found_error'])
      const form2 = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        body: form,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      })
      expect([form2.status, (await errorOf(form2))['code']]).toEqual([400, 'invalid_json'])
      const got = await fetch(`${server.url}/v1/chat/completions`, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      })
      expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
      expect(await errorOf(got)).toMatchObject({ code: 'method_not_allowed' })
    })

    test("Anthropic's clients may show their key in its header, there alone, and Authorization wins", async () => {
      const headers = { 'x-api-key': token, accept: 'application/json' }
      const ask = (path: string, more: Record<string, string> = {}) =>
        fetch(server.url + path, {
          method: 'POST',
          body: '{"model":"west/team/qwen"}',
          headers: { ...headers, ...more },
        })
      expect((await ask('/v1/messages')).status).toBe(200)
      expect((await ask('/v1/chat/completions')).status).toBe(401)
      expect((await ask('/v1/messages', { authorization: 'Bearer nothing' })).status).toBe(401)
      expect((await ask('/v1/messages', { 'x-api-key': 'nothing' })).status).toBe(401)
      expect((await ask('/v1/messages', { 'x-api-key': 'not a key' })).status).toBe(401)
      const tool = await fetch(`${server.url}/api/instances`, { headers })
      expect(tool.status).toBe(401)
    })

    test('SDKs in a listed page may send the headers that they name themselves in', async () => {
      const wanted = 'authorization,content-type,x-stainless-lang,openai-beta'
      const preflight = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'OPTIONS',
        headers: {
          origin: listed,
          'access-control-request-method': 'POST',
          'access-control-request-headers': wanted,
        },
      })
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-headers')).toBe(wanted)
      const answer = await post('{"model":"west/team/qwen"}', { origin: listed })
      expect(answer.headers.get('access-control-allow-origin')).toBe(listed)
      expect(answer.headers.get('access-control-expose-headers')).toContain('X-Selected-Model')
    })
  },
)
