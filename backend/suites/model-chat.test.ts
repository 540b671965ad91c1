import { ChatAnswer, ChatEvent, Problem, type ChatInput } from '@hub/shared'
import { expect, test, vi } from 'vitest'
import { connectAgent } from '../test/agent.ts'
import { readContents } from '../test/database-contents.ts'
import { backend, describeGateway } from '../test/gateway.ts'
import { socketOf } from '../test/hub.ts'
import { selectAuditRows } from '../src/audit/store.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }
const canary = 'canary-51c9 what nobody else may read'
const asked: ChatInput = { messages: [{ role: 'user', content: canary }] }
const pathOf = (instance: string, namespace = 'team', name = 'qwen') =>
  `/api/instances/${instance}/namespaces/${namespace}/deployments/${name}/chat`

describeGateway(
  'chat with a deployment',
  () => ({ DISALLOWED_MODELS: 'meta-llama/Llama-3.1-8B-Instruct' }),
  (at) => {
    const post = async (
      path: string,
      body: unknown = asked,
      client = 'viewer',
      accept = 'text/event-stream',
    ) => {
      const headers = { ...(await at().as(client)), accept, 'content-type': 'application/json' }
      return at().call(path, { headers, body })
    }
    const ready = () =>
      vi.waitFor(async () => {
        const response = await post(pathOf('east'))
        expect(response.status).toBe(200)
        await response.text()
      }, soon)
    const lastRow = async () => (await selectAuditRows(at().world.database.db, 1))[0]

    test('answers as it is made, measures it, and has one row of who asked', async () => {
      await ready()
      const response = await post(pathOf('east'))
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
      const events = await readAll(response)
      expect(textOf(events)).toBe(`You said: ${canary}`)
      expect(events.slice(-2)).toEqual([
        { type: 'finish', reason: 'stop' },
        {
          type: 'usage',
          promptTokens: 6,
          completionTokens: 8,
          firstTokenMs: expect.any(Number),
          totalMs: expect.any(Number),
          tokensPerSecond: expect.any(Number),
        },
      ])
      expect(await lastRow()).toMatchObject({
        action: 'deployment.chat',
        outcome: 'success',
        actor: expect.stringMatching(/^service:viewer@/),
        target: { instance: 'east', namespace: 'team', name: 'qwen' },
        after: { promptTokens: 6, completionTokens: 8 },
        reason: null,
      })
    })

    test('answers at once, whole, for whoever asks for no events', async () => {
      await ready()
      const response = await post(pathOf('east'), asked, 'viewer', '*/*')
      expect(response.headers.get('content-type')).toBe('application/json')
      const answer = ChatAnswer.parse(await response.json())
      const events = await readAll(await post(pathOf('east')))
      expect(answer).toMatchObject({ text: textOf(events), isCut: false, finishReason: 'stop' })
      expect(answer.usage.completionTokens).toBeGreaterThan(0)
    })

    test('an agent asks by a tool, and gets the text with what it took', async () => {
      await ready()
      const authorization = (await at().as('viewer'))['authorization']!
      const agent = await connectAgent(at().world.hub, authorization.slice('Bearer '.length))
      const place = { instance: 'east', namespace: 'team', name: 'qwen' }
      const { isError, structuredContent } = await agent.call('ask_model', { ...place, ...asked })
      expect(isError).toBeUndefined()
      expect(ChatAnswer.parse(structuredContent).text).not.toBe('')
      expect(await lastRow()).toMatchObject({ via: { tool: 'ask_model' } })
      const refused = await agent.call('ask_model', { ...place, namespace: 'other', ...asked })
      expect(refused.isError).toBe(true)
      expect(refused.text).toContain('request_access')
      await agent.close()
    })

    test('what breaks off while the whole answer is waited for is a problem, and no answer', async () => {
      await ready()
      const model = backend(at().east, (path, _request, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"served"}]}')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"choices":[{"delta":{"content":"Hal"}}]}\n\n', () =>
          response.destroy(),
        )
      })
      const response = await post(pathOf('east'), asked, 'viewer', 'application/json')
      model.restore()
      expect(response.status).toBeGreaterThanOrEqual(500)
      expect(await response.text()).not.toContain('Hal')
      expect(await lastRow()).toMatchObject({ action: 'deployment.chat', outcome: 'failure' })
    })

    test('goes on with the prompt of a base model', async () => {
      await ready()
      const events = await readAll(await post(pathOf('east'), { prompt: 'Once', max_tokens: 2 }))
      expect(textOf(events)).toBe('You said: ')
      expect(events.at(-1)).toMatchObject({ type: 'usage', completionTokens: 2 })
    })

    test("sends on what was asked, once, by the name that the engine has, and nobody's token", async () => {
      await ready()
      const seen: { body: string; authorization: unknown }[] = []
      const model = backend(at().east, (path, request, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"served"}]}')
        void readBody(request).then((body) => {
          seen.push({ body, authorization: request.headers.authorization })
          response.end('{"choices":[{"message":{"content":"Hi."},"finish_reason":"stop"}]}')
        })
      })
      const parameters = { temperature: 0, top_p: 0.5, max_tokens: 9, stop: ['.'], seed: 4 }
      // A name that is known already is asked for again once a call with it failed.
      const events = await readAll(await post(pathOf('east'), { ...asked, ...parameters }))
      model.restore()
      expect(textOf(events)).toBe('Hi.')
      expect(JSON.parse(seen[0]!.body)).toEqual({
        ...asked,
        ...parameters,
        model: expect.any(String),
        n: 1,
        stream: true,
        stream_options: { include_usage: true },
      })
      expect(String(seen[0]!.authorization)).not.toContain(
        (await at().as('viewer'))['authorization']!.slice('Bearer '.length),
      )
    })

    test.each<[string, string, unknown, string, number, RegExp]>([
      ['an instance of nothing', 'none', asked, 'viewer', 404, /no instance "none"/],
      ['an instance where they hold nothing', 'east', asked, 'west', 404, /no instance "east"/],
      ['no messages', 'east', {}, 'viewer', 400, /prompt is required/],
      ['both kinds', 'east', { ...asked, prompt: 'a' }, 'viewer', 400, /not both/],
      [
        'a million answers',
        'east',
        { ...asked, n: 1_000_000 },
        'viewer',
        400,
        /\/n: unknown field/,
      ],
      [
        'a role of nobody',
        'east',
        { messages: [{ role: 'x', content: '' }] },
        'viewer',
        400,
        /role/,
      ],
      ['too hot', 'east', { ...asked, temperature: 3 }, 'viewer', 400, /temperature/],
      ['too much', 'east', { prompt: 'x'.repeat(1_100_000) }, 'viewer', 413, /larger than 1 MiB/],
    ])('refuses %s', async (_, instance, body, client, status, words) => {
      await ready()
      const response = await post(pathOf(instance), body, client)
      expect(response.status).toBe(status)
      expect(Problem.parse(await response.json()).detail).toMatch(words)
    })

    test('is refused in a namespace of others, whether or not the model is there', async () => {
      for (const name of ['llama', 'none']) {
        expect((await post(pathOf('east', 'other', name))).status).toBe(403)
      }
    })

    test('says of what does not answer yet why, and asks nobody', async () => {
      await ready()
      const response = await post(pathOf('east', 'team', 'slow'))
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('10')
      const { code, detail } = Problem.parse(await response.json())
      expect(code).toBe('instance-not-ready')
      expect(detail).toMatch(/^Deployment "slow" does not answer yet\. \w/)
    })

    test.each<[string, string, RegExp]>([
      ['a web page', '<html></html>', /not in the protocol of OpenAI/],
      ['nothing', '', /not in the protocol of OpenAI/],
      ['events of garbage', 'data: {"hello"\n\n', /not in the protocol of OpenAI/],
      ['events of another protocol', 'data: {"hello":1}\n\n', /not in the protocol of OpenAI/],
      ['half an event', 'data: {"choices":[{"delta":{"content":"He', /stopped in the middle/],
      ['no end', delta('He'), /stopped in the middle/],
      [
        'an error in the middle',
        `${delta('He')}data: {"error":{"message":"no memory"}}\n\n`,
        /^The model refused: no memory$/,
      ],
      [
        'an event without end',
        `data: ${'x'.repeat(1024 * 1024 + 1)}`,
        /not in the protocol of OpenAI/,
      ],
    ])('ends with what is wrong where a model answers %s', async (_, body, words) => {
      await ready()
      const model = answerWith(at().east, 200, body)
      const events = await readAll(await post(pathOf('east')))
      model.restore()
      expect(events.at(-1)).toMatchObject({
        type: 'error',
        code: 'instance-error',
        detail: expect.stringMatching(words),
      })
      expect(await lastRow()).toMatchObject({ outcome: 'failure', reason: 'instance-error' })
    })

    test('ends with what is wrong where a model breaks off', async () => {
      await ready()
      const model = backend(at().east, (path, _, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(delta('He'))
        setImmediate(() => response.destroy())
      })
      const events = await readAll(await post(pathOf('east')))
      model.restore()
      expect(events.at(-1)?.type).toBe('error')
    })

    test.each([
      [400, '{"object":"error","message":"too long"}', 'The model refused: too long'],
      [422, '{"detail":"no such role"}', 'The model refused: no such role'],
      [404, '{"detail":"Not Found"}', 'The model refused: Not Found'],
      [404, '', 'It may be a base model, which takes a prompt to go on with'],
      [500, '<html>', 'The model answered with status 500. Look at its logs.'],
    ])('says what a model says with status %d: %s', async (status, body, words) => {
      await ready()
      const model = answerWith(at().east, status, body)
      const [event] = await readAll(await post(pathOf('east')))
      model.restore()
      expect(event).toMatchObject({ type: 'error', detail: expect.stringContaining(words) })
    })

    test('a client that goes takes the request with it, and the row says so', async () => {
      await ready()
      let closed = 0
      const model = backend(at().east, (path, _, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(delta('He'))
        response.on('close', () => (closed += 1))
      })
      const headers = new Headers({
        host: 'localhost:3001',
        'content-type': 'application/json',
        ...(await at().as('viewer')),
        accept: 'text/event-stream',
      })
      const response = await at().world.hub.app.request(
        `http://localhost:3001${pathOf('east')}`,
        { method: 'POST', headers, body: JSON.stringify(asked) },
        socketOf('10.9.9.8', headers),
      )
      const reader = response.body!.getReader()
      expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: delta')
      await reader.cancel()
      await vi.waitFor(() => expect(closed).toBe(1), soon)
      model.restore()
      expect(await lastRow()).toMatchObject({ outcome: 'success', reason: 'stopped' })
    })

    test('nothing of what was asked or answered is in a log, a row or a metric', async () => {
      const { world } = at()
      expect(world.hub.lines.join('\n')).toContain('deployment.chat')
      expect(world.hub.lines.join('\n')).not.toContain('canary-51c9')
      const contents = await readContents(world.database.db)
      expect(Object.keys(contents).length).toBeGreaterThan(5)
      const rows = await selectAuditRows(world.database.db, 1_000)
      expect(rows.filter(({ action }) => action === 'deployment.chat').length).toBeGreaterThan(5)
      expect(JSON.stringify([contents, rows])).not.toContain('canary-51c9')
    })
  },
)

describeGateway(
  'chat with a model that nobody may use',
  () => ({ DISALLOWED_MODELS: 'Qwen/Qwen3-8B' }),
  (at) => {
    test('is as if it were not there', async () => {
      const { as, call, world } = at()
      await vi.waitFor(
        () => expect(world.hub.fleet.get('east', 'team', 'qwen')).not.toBeNull(),
        soon,
      )
      const headers = { ...(await as('viewer')), 'content-type': 'application/json' }
      const tell = async (name: string) => {
        const response = await call(pathOf('east', 'team', name), { headers, body: asked })
        const { detail } = Problem.parse(await response.json())
        return { status: response.status, detail: detail.replace(name, '…') }
      }
      const hidden = await tell('qwen')
      expect(hidden.status).toBe(404)
      expect(hidden).toEqual(await tell('nothing'))
    })
  },
)

function delta(text: string): string {
  return `data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`
}

function answerWith(
  cluster: Parameters<typeof backend>[0],
  status: number,
  body: string,
): ReturnType<typeof backend> {
  const type = body.startsWith('data:') ? 'text/event-stream' : 'text/plain'
  return backend(cluster, (path, _, response) => {
    if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
    response.writeHead(status, { 'content-type': type }).end(body)
  })
}

async function readAll(response: Response): Promise<ChatEvent[]> {
  expect(response.status).toBe(200)
  const text = await response.text()
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('event: '))
    .map((event) => {
      const [type, data] = event.split('\ndata: ') as [string, string]
      return ChatEvent.parse({ ...JSON.parse(data), type: type.slice('event: '.length) })
    })
}

function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'delta' ? event.text : '')).join('')
}

async function readBody(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
