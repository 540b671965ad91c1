import type { ServerResponse } from 'node:http'
import { json as readJson } from 'node:stream/consumers'
import type { ApiServer } from '@hub/demo'
import { expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'
import { serveApp } from '../test/serve-app.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 })

const soon = { timeout: 180_000, interval: 20 }
const kills = 10
const callsAtOnce = 500
const callsAfter = 50
/** So many begin together: connections that are all opened at once take a slow machine longer than the hub waits for one. */
const callsTogether = 50
/** The longest that one that failed rests: on a slow machine a late call may fail when the first rest is over. */
const restMsMax = 60_000

/** What stands at the beginning and at the end of each kind of answer. */
const kinds = {
  'an OpenAI stream': {
    path: '/v1/chat/completions',
    isStream: true,
    begins: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n',
    ends: 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    breaks: /\n\ndata: \{"error":\{"message":".+","type":"api_error".*\}\}\n\n$/,
  },
  'an Anthropic stream': {
    path: '/v1/messages',
    isStream: true,
    begins: 'event: message_start\ndata: {"type":"message_start"}\n\n',
    ends: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    breaks: /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error".*\}\n\n$/,
  },
  'a whole answer': {
    path: '/v1/chat/completions',
    isStream: false,
    begins: '',
    ends: '{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}',
    breaks: /^\{"error":\{"message":".+","type":"api_error".*\}\}$/,
  },
} as const
type Kind = keyof typeof kinds

const noEndpoints = JSON.stringify({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code: 503,
  reason: 'ServiceUnavailable',
  message: 'no endpoints available for service "qwen"',
})

/** A model that holds what it is asked until it is let go or killed. */
function holdModel(cluster: ApiServer) {
  const held = new Map<string, { response: ServerResponse; kind: Kind }>()
  const asked: string[] = []
  let isDead = false
  const { restore } = backend(cluster, (path, request, response) => {
    if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
    void (async () => {
      const { user, metadata } = (await readJson(request)) as { user: string; metadata: Kind }
      if (isDead) {
        return response.writeHead(503, { 'content-type': 'application/json' }).end(noEndpoints)
      }
      asked.push(user)
      const { begins, isStream } = kinds[metadata]
      if (isStream) response.writeHead(200, { 'content-type': 'text/event-stream' }).write(begins)
      held.set(user, { response, kind: metadata })
      return undefined
    })()
  })
  return {
    asked,
    held,
    restore,
    answer: () => {
      for (const { kind, response } of held.values()) {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' })
        response.end(kinds[kind].ends)
      }
    },
    kill: () => {
      isDead = true
      for (const { response } of held.values()) response.destroy()
    },
  }
}

describeGateway(
  'a gateway before two deployments, of which one is killed',
  () => ({ HUB_REQUESTS_PER_MINUTE: '1000000' }),
  (at) => {
    test(`${kills} times, with ${callsAtOnce} calls under way: none fails that was not sent, what is cut says so, and none runs twice`, async () => {
      const { as, call, east, west, world } = at()
      // Good for as long as the hub's clock is moved on.
      const headers = await as('viewer', { exp: Math.floor(Date.now() / 1000) + 3_600 })
      await vi.waitFor(async () => {
        const { data } = (await (await call('/v1/models', { headers })).json()) as {
          data: { id: string }[]
        }
        const ids = data.map(({ id }) => id)
        expect(ids).toEqual(expect.arrayContaining(['east/team/qwen', 'west/team/qwen']))
      }, soon)
      await using served = await serveApp(world.hub)
      const chat = async (user: string, kind: Kind) => {
        const { isStream, path } = kinds[kind]
        const messages = [{ role: 'user', content: 'Are you there?' }]
        const body = { model: 'qwen3', messages, stream: isStream, user, metadata: kind }
        const response = await fetch(served.url + path, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        return { user, kind, status: response.status, text: await response.text() }
      }
      const chats = (name: string, count: number, from = 0) =>
        Array.from({ length: count }, (_, index) => {
          const kind = (Object.keys(kinds) as Kind[])[(from + index) % 3]!
          const asked = chat(`${name}-${from + index}`, kind)
          // Where the test ends before it waits for them, they fail for nobody.
          asked.catch(() => {})
          return asked
        })

      for (let kill = 0; kill < kills; kill += 1) {
        const dying = holdModel(east)
        const living = holdModel(west)
        const calls: ReturnType<typeof chats> = []
        const ended: unknown[] = []
        while (calls.length < callsAtOnce) {
          const begun = chats(`before-${kill}`, callsTogether, calls.length)
          for (const each of begun) each.then((answer) => ended.push(answer)).catch(() => {})
          calls.push(...begun)
          await vi.waitFor(() => {
            expect(ended).toEqual([])
            expect(dying.held.size + living.held.size).toBe(calls.length)
          }, soon)
        }
        const cutOff = dying.held.size
        expect(Math.abs(cutOff - callsAtOnce / 2)).toBeLessThan(callsAtOnce / 10)
        dying.kill()
        const later = chats(`after-${kill}`, callsAfter)
        const goOn = callsAtOnce - cutOff + callsAfter
        await vi.waitFor(() => expect(living.held.size).toBe(goOn), soon)
        living.answer()
        const [answers, after] = await Promise.all([Promise.all(calls), Promise.all(later)])

        for (const { kind, status, text, user } of answers) {
          const { begins, breaks, ends, isStream } = kinds[kind]
          const whole = { status: 200, text: begins + ends }
          const cut = { status: isStream ? 200 : 502, text: expect.stringMatching(breaks) }
          expect({ status, text }).toEqual(living.held.has(user) ? whole : cut)
        }
        for (const { kind, status, text } of after) {
          expect({ status, text }).toEqual({
            status: 200,
            text: kinds[kind].begins + kinds[kind].ends,
          })
        }
        const asked = [...dying.asked, ...living.asked]
        expect(asked).toHaveLength(callsAtOnce + callsAfter)
        expect(new Set(asked).size).toBe(asked.length)
        living.restore()
        dying.restore()
        world.hub.advance(restMsMax)
      }
    })
  },
  { onEach: false },
)
