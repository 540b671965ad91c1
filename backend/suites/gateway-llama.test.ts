import { request as dial, type IncomingMessage, type ServerResponse } from 'node:http'
import { createModelLoad } from '@hub/demo'
import { Usage } from '@hub/shared'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'
import { startLlama } from '../test/llama/start-llama.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const soon = { timeout: 60_000, interval: 50 }
const modules = process.env['LLAMA_CPP'] ?? null
const model = 'west/team/qwen'
const messages = [{ role: 'user', content: 'Good morning.' }]

describe.skipIf(modules === null)('with a real engine', () => {
  let llama: Awaited<ReturnType<typeof startLlama>>
  beforeAll(async () => {
    llama = await startLlama(modules!)
  })
  afterAll(() => llama.stop())

  describeGateway(
    'the gateway',
    () => ({ HUB_ADMINS: 'oidc:root' }),
    (at) => {
      beforeEach(async () => {
        const handle = (path: string, request: IncomingMessage, response: ServerResponse) =>
          pipe(llama.port, path, request, response)
        at().west.models.set('team/qwen', { id: 'random', load: createModelLoad(), handle })
        await vi.waitFor(async () => {
          const { data } = await json(await get('/v1/models'))
          expect(data.map(({ id }: { id: string }) => id)).toContain(model)
        }, soon)
      })

      const get = async (path: string) => at().call(path, { headers: await at().as('west') })
      const post = async (path: string, body: object) =>
        at().call(path, { headers: await at().as('west'), body: { model, ...body } })
      test('completes by the name that the engine itself has for it', async () => {
        const whole = await json(await post('/v1/completions', { prompt: 'Once', max_tokens: 12 }))
        expect(whole.model).toBe('random-llama')
        expect(whole.usage.completion_tokens).toBe(12)
        expect(whole.choices[0].text).not.toBe('')
      })

      test('chats, whole and streamed, and says the same tokens either way', async () => {
        const whole = await json(await post('/v1/chat/completions', { messages, max_tokens: 24 }))
        expect(whole.usage).toMatchObject({ completion_tokens: 24 })
        expect(whole.usage.prompt_tokens).toBeGreaterThan(messages[0]!.content.length / 2)
        const response = await post('/v1/chat/completions', {
          messages,
          max_tokens: 24,
          stream: true,
          stream_options: { include_usage: true },
        })
        expect(response.headers.get('content-type')).toContain('text/event-stream')
        const events = (await response.text()).split('\n\n').filter((each) => each !== '')
        expect(events.pop()).toBe('data: [DONE]')
        const chunks = events.map((each) => JSON.parse(each.slice('data: '.length)) as Chunk)
        expect(chunks.at(-1)?.usage).toEqual(whole.usage)
        const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
        expect(text).toBe(whole.choices[0].message.content)
      })

      test('takes its request away with a client that goes', async () => {
        const before = await llama.counts()
        const response = await post('/v1/chat/completions', {
          messages,
          max_tokens: 60_000,
          stream: true,
        })
        const reader = response.body!.getReader()
        expect((await reader.read()).done).toBe(false)
        await reader.cancel()
        await vi.waitFor(async () => {
          const { aborted, tokens } = await llama.counts()
          expect(aborted).toBe(before.aborted + 1)
          expect(tokens - before.tokens).toBeLessThan(60_000)
        }, soon)
      })

      test("counts the engine's own tokens, whether or not the client asked for them", async () => {
        const headers = await at().as('viewer')
        const ask = async (more: object) => {
          const body = { model, messages, max_tokens: 12, ...more }
          const response = await at().call('/v1/chat/completions', { headers, body })
          return response.text()
        }
        const { usage } = JSON.parse(await ask({})) as { usage: { prompt_tokens: number } }
        expect(await ask({ stream: true })).not.toContain('"usage"')
        const root = at().world.hub.browser()
        await root.signIn('root')
        await vi.waitFor(async () => {
          const read = Usage.parse(await (await root.get('/api/usage?who=all&by=caller')).json())
          const own = read.items.find(({ key }) => key.startsWith('service:viewer@'))
          expect(own).toMatchObject({
            requests: 2,
            errors: 0,
            completionTokens: 24,
            promptTokens: 2 * usage.prompt_tokens,
          })
        }, soon)
      })
    },
  )
})

type Chunk = { usage?: object; choices: { delta: { content?: string } }[] }

/** As the API server's service proxy does: the connection goes with its client. */
function pipe(port: number, path: string, request: IncomingMessage, response: ServerResponse) {
  const { headers, method } = request
  const forwarded = dial({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  forwarded.on('error', () => response.destroy())
  response.on('close', () => forwarded.destroy())
  request.pipe(forwarded)
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of several shapes are looked into
async function json(response: Response): Promise<any> {
  return response.json()
}
