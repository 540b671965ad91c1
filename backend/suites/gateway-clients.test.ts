import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { getRequestListener } from '@hono/node-server'
import OpenAI from 'openai'
import { expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const soon = { timeout: 20_000, interval: 20 }

/** The official clients as their makers ship them, over a real socket. */
describeGateway(
  'the gateway before official clients',
  () => ({}),
  (at) => {
    const connect = async (client = 'viewer', claims: object = {}) => {
      const { as, world } = at()
      const server = createServer(
        getRequestListener(world.hub.app.fetch, { hostname: 'localhost:3001' }),
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const token = (await as(client, claims))['authorization']!.slice('Bearer '.length)
      const baseURL = `http://127.0.0.1:${port}`
      return {
        openai: new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: token, maxRetries: 0 }),
        anthropic: new Anthropic({ baseURL, authToken: token, apiKey: null, maxRetries: 0 }),
        async [Symbol.asyncDispose]() {
          server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        },
      }
    }
    const messages = [{ role: 'user' as const, content: 'good morning to all of you' }]

    test('lists, retrieves, chats, completes and embeds', async () => {
      await using clients = await connect()
      const { openai } = clients
      await vi.waitFor(async () => {
        const { data } = await openai.models.list()
        const ids = data.map(({ id }) => id)
        expect(ids).toContain('east/team/qwen')
        expect(ids).toContain('west/team/qwen')
      }, soon)
      expect(await openai.models.retrieve('qwen3')).toMatchObject({ id: 'qwen3', owned_by: 'hub' })
      const chat = await openai.chat.completions.create({ model: 'qwen3', messages })
      expect(chat.choices[0]!.message.content).toBe('You said: good morning to all of you')
      expect(chat.usage!.total_tokens).toBeGreaterThan(0)
      const text = await openai.completions.create({ model: 'qwen3', prompt: 'a b', max_tokens: 3 })
      expect(text.choices[0]!.text).toContain('You said:')
      const { data } = await openai.embeddings.create({ model: 'qwen3', input: ['a', 'b'] })
      expect(data).toHaveLength(2)
    })

    test('streams, with the usage at the end, and aborts', async () => {
      await using clients = await connect()
      const { openai } = clients
      const stream = await openai.chat.completions.create({
        model: 'Qwen/Qwen3-8B',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      })
      let said = ''
      let usage = null
      for await (const { choices, usage: told } of stream) {
        said += choices[0]?.delta.content ?? ''
        usage = told ?? usage
      }
      expect(said).toBe('You said: good morning to all of you')
      expect(usage).toMatchObject({ completion_tokens: 8 })
      const aborted = await openai.chat.completions.create({
        model: 'qwen3',
        messages,
        stream: true,
      })
      for await (const _ of aborted) aborted.controller.abort()
      expect(aborted.controller.signal.aborted).toBe(true)
    })

    test("speaks Anthropic's protocol, streamed too", async () => {
      await using clients = await connect()
      const { anthropic } = clients
      const message = await anthropic.messages.create({ model: 'qwen3', messages, max_tokens: 50 })
      expect(message.content[0]).toMatchObject({
        type: 'text',
        text: 'You said: good morning to all of you',
      })
      const stream = anthropic.messages.stream({ model: 'qwen3', messages, max_tokens: 50 })
      expect(await stream.finalText()).toBe('You said: good morning to all of you')
    })

    test.each([
      ['no such model', {}, 'org/none', OpenAI.NotFoundError, Anthropic.NotFoundError],
      [
        'another audience',
        { aud: 'x' },
        'qwen3',
        OpenAI.AuthenticationError,
        Anthropic.AuthenticationError,
      ],
    ])(
      '%s is the error that its client has a class for',
      async (_, claims, model, ours, theirs) => {
        await using clients = await connect('viewer', claims)
        const { anthropic, openai } = clients
        await expect(openai.chat.completions.create({ model, messages })).rejects.toBeInstanceOf(
          ours,
        )
        await expect(
          anthropic.messages.create({ model, messages, max_tokens: 5 }),
        ).rejects.toBeInstanceOf(theirs)
      },
    )

    test("a model's own error reaches the client as its class", async () => {
      const { east } = at()
      await using clients = await connect()
      const { openai } = clients
      const answer = (status: number) =>
        backend(east, (_, __, response) => response.writeHead(status).end('{}'))
      const call = openai.chat.completions.create.bind(openai.chat.completions)
      for (const [status, kind] of [
        [429, OpenAI.RateLimitError],
        [400, OpenAI.BadRequestError],
        [500, OpenAI.InternalServerError],
      ] as const) {
        const failing = answer(status)
        await expect(call({ model: 'east/team/qwen', messages })).rejects.toBeInstanceOf(kind)
        failing.restore()
      }
    })
  },
)
