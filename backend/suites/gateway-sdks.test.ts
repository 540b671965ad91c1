import { execFile } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { expect, test, vi } from 'vitest'
import { backend, describeGateway } from '../test/gateway.ts'
import { serveApp } from '../test/serve-app.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** Clients that nobody here wrote; `.ci/counterparts/agent-clients` brings them. */
const clients = process.env['AGENT_CLIENTS']
const run = promisify(execFile)
const soon = { timeout: 20_000, interval: 20 }

type Outcome = string | number | string[]
/** What each call comes to: what was answered, or the class of the client's own error. */
type Outcomes = Record<string, Outcome>

const said = 'You said: good morning'
const errors: Outcomes = {
  'no such model': 'NotFoundError',
  'a bad token': 'AuthenticationError',
  'a model that refuses the request': 'BadRequestError',
  'a model that cannot process it': 'UnprocessableEntityError',
  'a model that is busy': 'RateLimitError',
  'a model that fails': 'InternalServerError',
  'a stream that breaks off': 'APIError',
}
const openai: Outcomes = {
  list: ['east/team/qwen', 'west/team/qwen'],
  retrieve: 'qwen3 of hub',
  chat: said,
  stream: `${said}, 4 tokens`,
  complete: 'You said: ',
  embed: 2,
  tools: 'weather {"city":"Berlin"}',
  abort: 'Hi',
  'more answers than a model is asked for': 'BadRequestError',
  ...errors,
}
const { abort, chat, tools } = openai
const anthropic: Outcomes = { chat: chat!, stream: said, tools: tools!, abort: abort!, ...errors }

/** By what a model is asked, the status that it answers with. */
const failures: Record<string, number> = {
  'a model that refuses the request': 400,
  'a model that cannot process it': 422,
  'a model that is busy': 429,
  'a model that fails': 500,
}

describeGateway(
  'the gateway before official clients, call by call',
  () => ({}),
  (at) => {
    const withModels = async (work: (url: string, token: string) => Promise<Outcomes>) => {
      const { as, call, east, world } = at()
      const headers = await as('viewer')
      await vi.waitFor(async () => {
        const text = await (await call('/v1/models', { headers })).text()
        expect(text).toContain('east/team/qwen')
        expect(text).toContain('west/team/qwen')
      }, soon)
      let left = 0
      const scripted = backend(east, (path, request, response) => {
        if (path === '/v1/models') return void response.end('{"data":[{"id":"qwen3"}]}')
        void json(request).then((body) =>
          answerByScript(path, body as Asked, response, () => (left += 1)),
        )
      })
      await using served = await serveApp(world.hub)
      const outcomes = await work(served.url, headers.authorization!.slice('Bearer '.length))
      await vi.waitFor(() => expect(left).toBe(1), soon)
      scripted.restore()
      return outcomes
    }

    test("OpenAI's for Node", async () => {
      expect(await withModels(callWithOpenai)).toEqual(openai)
    })

    test("Anthropic's for Node", async () => {
      expect(await withModels(callWithAnthropic)).toEqual(anthropic)
    })

    test.skipIf(!clients)("OpenAI's for Python (AGENT_CLIENTS)", async () => {
      const outcomes = await withModels(async (url, token) => {
        const python = join(clients!, 'python/bin/python')
        const { stdout } = await run(python, ['-c', callWithPython, url, token])
        return JSON.parse(stdout) as Outcomes
      })
      expect(outcomes).toEqual(openai)
    })
  },
)

type Asked = { messages: { content: string }[]; stream?: boolean; tools?: unknown[] }

/** What an engine answers, in either protocol, to one word that it knows; `onLeft` where its client went. */
function answerByScript(path: string, asked: Asked, response: ServerResponse, onLeft: () => void) {
  const word = asked.messages.at(-1)!.content
  const isOpenai = path !== '/v1/messages'
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const failure = failures[word]
  if (failure !== undefined) return answer(failure, { error: { message: 'no', type: 'x' } })
  const id = 'a'
  if (asked.tools) {
    const message = { id, type: 'message', role: 'assistant', model: 'qwen3' }
    const usage = { input_tokens: 1, output_tokens: 1 }
    const use = { type: 'tool_use', id: 't', name: 'weather', input: { city: 'Berlin' } }
    if (!isOpenai) {
      return answer(200, { ...message, content: [use], stop_reason: 'tool_use', usage })
    }
    const called = { name: 'weather', arguments: '{"city":"Berlin"}' }
    const tool_calls = [{ id: 't', type: 'function', function: called }]
    const choice = { index: 0, message: { role: 'assistant', content: null, tool_calls } }
    return answer(200, { id, choices: [{ ...choice, finish_reason: 'tool_calls' }] })
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(
    isOpenai
      ? 'data: {"id":"a","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n'
      : [
          '{"type":"message_start","message":{"id":"a","type":"message","role":"assistant","model":"qwen3","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}',
          '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
          '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}',
        ]
          .map((data) => `event: ${(JSON.parse(data) as { type: string }).type}\ndata: ${data}\n\n`)
          .join(''),
  )
  if (word === 'abort') return response.once('close', onLeft)
  return setImmediate(() => response.destroy())
}

const east = 'east/team/qwen'
const parameters = { type: 'object', properties: { city: { type: 'string' } } } as const
const ask = (content: string) => [{ role: 'user' as const, content }]

/** Its text, or the name of the class that its client throws. */
async function outcomeOf(call: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await call()
  } catch (error) {
    return (error as Error).constructor.name
  }
}

async function outcomesOf(calls: Record<string, () => Promise<Outcome>>): Promise<Outcomes> {
  const outcomes: Outcomes = {}
  for (const [name, call] of Object.entries(calls)) outcomes[name] = await outcomeOf(call)
  return outcomes
}

async function callWithOpenai(url: string, token: string): Promise<Outcomes> {
  const options = { baseURL: `${url}/v1`, maxRetries: 0 }
  const client = new OpenAI({ ...options, apiKey: token })
  const other = new OpenAI({ ...options, apiKey: 'other' })
  const complete = async (model: string, content: string, { chat: { completions } } = client) =>
    (await completions.create({ model, messages: ask(content) })).choices[0]!.message.content!
  const read = async (model: string, content: string, onPiece = (_: AbortController) => {}) => {
    const streamed = { stream: true, stream_options: { include_usage: true } } as const
    const pieces = await client.chat.completions.create({
      model,
      messages: ask(content),
      ...streamed,
    })
    let text = ''
    let tokens: number | undefined
    for await (const { choices, usage } of pieces) {
      text += choices[0]?.delta.content ?? ''
      tokens = usage?.completion_tokens ?? tokens
      onPiece(pieces.controller)
    }
    return tokens === undefined ? text : `${text}, ${tokens} tokens`
  }
  return outcomesOf({
    list: async () =>
      (await client.models.list()).data
        .map(({ id }) => id)
        .filter((id) => id.endsWith('team/qwen')),
    retrieve: async () => {
      const { id, owned_by: owner } = await client.models.retrieve('qwen3')
      return `${id} of ${owner}`
    },
    chat: () => complete('west/team/qwen', 'good morning'),
    stream: () => read('west/team/qwen', 'good morning'),
    complete: async () => {
      const asked = { model: 'west/team/qwen', prompt: 'a', max_tokens: 2 }
      return (await client.completions.create(asked)).choices[0]!.text
    },
    embed: async () =>
      (await client.embeddings.create({ model: 'west/team/qwen', input: ['a', 'b'] })).data.length,
    tools: async () => {
      const called = { name: 'weather', parameters }
      const { choices } = await client.chat.completions.create({
        model: east,
        messages: ask('tools'),
        tools: [{ type: 'function', function: called }],
      })
      const [call] = choices[0]!.message.tool_calls!
      if (call?.type !== 'function') throw new TypeError('no function')
      return `${call.function.name} ${call.function.arguments}`
    },
    abort: () => read(east, 'abort', (controller) => controller.abort()),
    'more answers than a model is asked for': async () =>
      (await client.chat.completions.create({ model: east, messages: ask('n'), n: 1_000_000 })).id,
    'no such model': () => complete('org/none', 'good morning'),
    'a bad token': () => complete(east, 'good morning', other),
    ...Object.fromEntries(Object.keys(failures).map((name) => [name, () => complete(east, name)])),
    'a stream that breaks off': () => read(east, 'break'),
  })
}

async function callWithAnthropic(url: string, token: string): Promise<Outcomes> {
  const options = { baseURL: url, apiKey: null, maxRetries: 0 }
  const client = new Anthropic({ ...options, authToken: token })
  const other = new Anthropic({ ...options, authToken: 'other' })
  const complete = async (model: string, content: string, { messages } = client) => {
    const [block] = (await messages.create({ model, messages: ask(content), max_tokens: 9 }))
      .content
    return block?.type === 'text' ? block.text : ''
  }
  const read = async (model: string, content: string, onPiece = (_: AbortController) => {}) => {
    const asked = { model, messages: ask(content), max_tokens: 9, stream: true } as const
    const events = await client.messages.create(asked)
    let text = ''
    for await (const event of events) {
      if (event.type !== 'content_block_delta' || event.delta.type !== 'text_delta') continue
      text += event.delta.text
      onPiece(events.controller)
    }
    return text
  }
  return outcomesOf({
    chat: () => complete('west/team/qwen', 'good morning'),
    stream: () => read('west/team/qwen', 'good morning'),
    tools: async () => {
      const { content } = await client.messages.create({
        model: east,
        messages: ask('tools'),
        max_tokens: 9,
        tools: [{ name: 'weather', input_schema: parameters }],
      })
      const [block] = content
      return block?.type === 'tool_use' ? `${block.name} ${JSON.stringify(block.input)}` : ''
    },
    abort: () => read(east, 'abort', (controller) => controller.abort()),
    'no such model': () => complete('org/none', 'good morning'),
    'a bad token': () => complete(east, 'good morning', other),
    ...Object.fromEntries(Object.keys(failures).map((name) => [name, () => complete(east, name)])),
    'a stream that breaks off': () => read(east, 'break'),
  })
}

const callWithPython = `
import json, sys
from openai import OpenAI

url, token = sys.argv[1:]
client = OpenAI(base_url=url + '/v1', api_key=token, max_retries=0)
other = OpenAI(base_url=url + '/v1', api_key='other', max_retries=0)
east, west = 'east/team/qwen', 'west/team/qwen'
ask = lambda content: [{'role': 'user', 'content': content}]

def complete(model, content, client=client, **more):
    return client.chat.completions.create(model=model, messages=ask(content), **more).choices[0].message.content

def read(model, content, is_left=False):
    text, tokens = '', None
    with client.chat.completions.create(
        model=model, messages=ask(content), stream=True, stream_options={'include_usage': True},
    ) as pieces:
        for piece in pieces:
            if piece.choices:
                text += piece.choices[0].delta.content or ''
            if piece.usage:
                tokens = piece.usage.completion_tokens
            if is_left:
                break
    return text if tokens is None else f'{text}, {tokens} tokens'

def call_tools():
    function = {'name': 'weather', 'parameters': {'type': 'object', 'properties': {'city': {'type': 'string'}}}}
    answer = client.chat.completions.create(
        model=east, messages=ask('tools'), tools=[{'type': 'function', 'function': function}],
    )
    called = answer.choices[0].message.tool_calls[0].function
    return f'{called.name} {called.arguments}'

calls = {
    'list': lambda: [each.id for each in client.models.list().data if each.id.endswith('team/qwen')],
    'retrieve': lambda: (lambda model: f'{model.id} of {model.owned_by}')(client.models.retrieve('qwen3')),
    'chat': lambda: complete(west, 'good morning'),
    'stream': lambda: read(west, 'good morning'),
    'complete': lambda: client.completions.create(model=west, prompt='a', max_tokens=2).choices[0].text,
    'embed': lambda: len(client.embeddings.create(model=west, input=['a', 'b']).data),
    'tools': call_tools,
    'abort': lambda: read(east, 'abort', is_left=True),
    'more answers than a model is asked for': lambda: complete(east, 'n', n=1000000),
    'no such model': lambda: complete('org/none', 'good morning'),
    'a bad token': lambda: complete(east, 'good morning', other),
    **{name: (lambda name=name: complete(east, name)) for name in ${JSON.stringify(Object.keys(failures))}},
    'a stream that breaks off': lambda: read(east, 'break'),
}
outcomes = {}
for name, call in calls.items():
    try:
        outcomes[name] = call()
    except Exception as error:
        outcomes[name] = type(error).__name__
print(json.dumps(outcomes))
`
