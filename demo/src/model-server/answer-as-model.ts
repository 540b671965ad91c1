import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Untyped } from '../objects.ts'
import type { BackgroundTraffic } from './background-traffic.ts'
import { describeMetrics } from './describe-metrics.ts'
import { observe, type ModelLoad } from './model-load.ts'

export type PretendModel = {
  /** What `/v1/models` lists. */
  id: string
  /** Between two words of a stream. */
  wordMs?: number
  load: ModelLoad
  /** What others ask it. */
  traffic?: BackgroundTraffic
  /** Answers instead, where a model is to misbehave. */
  handle?: (path: string, request: IncomingMessage, response: ServerResponse) => void
}

/** What stands behind Services instead of the models that their pods would serve, by `<namespace>/<service>`. */
export type ServiceBackends = Map<string, PretendModel>

const bodyBytesMax = 32 * 1024 * 1024
const wordsMax = 400

/**
 * Answers as vLLM's server does, by the paths below its root: models, chat, completions, embeddings and Anthropic's
 * messages, streamed where it is asked for, and its metrics. It says back what it was told.
 */
export async function answerAsModel(
  model: PretendModel,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { handle, load } = model
  if (handle) return handle(path, request, response)
  if (request.method === 'GET') return answerGet(model, path, response)
  const answer = answers[path]
  if (answer === undefined || request.method !== 'POST') {
    return send(response, 404, { detail: 'Not Found' })
  }
  const body = await readJson(request)
  if (body === undefined) return send(response, 400, toError('The body is not valid JSON.'))
  if (typeof body.model === 'string' && body.model !== model.id) {
    const error = toError(`The model \`${body.model}\` does not exist.`, 'NotFoundError', 404)
    return send(response, 404, error)
  }
  load.running += 1
  const startedAt = performance.now()
  try {
    await answer(model, body, response)
  } finally {
    load.running -= 1
    load.finished[response.writableEnded ? 'stop' : 'abort'] += 1
    observe(load.whole, (performance.now() - startedAt) / 1000)
  }
}

function answerGet(model: PretendModel, path: string, response: ServerResponse): void {
  switch (path) {
    case '/v1/models': {
      const created = Math.floor(Date.now() / 1000)
      const data = [{ id: model.id, object: 'model', created, owned_by: 'vllm' }]
      return send(response, 200, { object: 'list', data })
    }
    case '/health':
      return void response.writeHead(200).end()
    case '/metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      return void response.end(describeMetrics(model.id, loadNow(model)))
    default:
      return send(response, 404, { detail: 'Not Found' })
  }
}

/** With what others ask at this moment. */
function loadNow({ load, traffic }: PretendModel): ModelLoad {
  if (!traffic) return load
  traffic.pass(load)
  const others = traffic.now()
  return {
    ...load,
    running: load.running + others.running,
    waiting: load.waiting + others.waiting,
  }
}

type Answer = (model: PretendModel, body: Untyped, response: ServerResponse) => Promise<void>

const answers: Record<string, Answer> = {
  '/v1/chat/completions': async (model, body, response) => {
    const prompt = lastText(body.messages)
    const words = reply(model, prompt, body.max_completion_tokens ?? body.max_tokens)
    const usage = count(model, prompt, words)
    const base = { id: `chatcmpl-${Date.now()}`, created: now(), model: model.id }
    if (!body.stream) {
      const message = { role: 'assistant', content: words.join('') }
      const choices = [{ index: 0, message, finish_reason: 'stop' }]
      return send(response, 200, { ...base, object: 'chat.completion', choices, usage })
    }
    const chunk = { ...base, object: 'chat.completion.chunk' }
    const part = (delta: object, finish: string | null = null) => ({
      ...chunk,
      choices: [{ index: 0, delta, finish_reason: finish }],
    })
    await stream(model, response, [
      part({ role: 'assistant', content: '' }),
      ...words.map((content) => part({ content })),
      part({}, 'stop'),
      ...(body.stream_options?.include_usage ? [{ ...chunk, choices: [], usage }] : []),
      '[DONE]',
    ])
  },
  '/v1/completions': async (model, body, response) => {
    const prompt = String(body.prompt ?? '')
    const words = reply(model, prompt, body.max_tokens)
    const usage = count(model, prompt, words)
    const base = {
      id: `cmpl-${Date.now()}`,
      object: 'text_completion',
      created: now(),
      model: model.id,
    }
    const part = (text: string, finish: string | null = null) => ({
      ...base,
      choices: [{ index: 0, text, finish_reason: finish, logprobs: null }],
    })
    if (!body.stream) return send(response, 200, { ...part(words.join(''), 'stop'), usage })
    await stream(model, response, [
      ...words.map((text) => part(text)),
      part('', 'stop'),
      ...(body.stream_options?.include_usage ? [{ ...base, choices: [], usage }] : []),
      '[DONE]',
    ])
  },
  '/v1/embeddings': async (model, body, response) => {
    const inputs: unknown[] = [body.input].flat()
    const usage = { prompt_tokens: inputs.length, total_tokens: inputs.length }
    const data = inputs.map((input, index) => ({
      object: 'embedding',
      index,
      embedding: Array.from({ length: 8 }, (_, at) => String(input).length / (at + 1) / 1000),
    }))
    send(response, 200, { object: 'list', data, model: model.id, usage })
  },
  '/v1/messages': async (model, body, response) => {
    const prompt = lastText(body.messages)
    const words = reply(model, prompt, body.max_tokens)
    const { completion_tokens, prompt_tokens } = count(model, prompt, words)
    const usage = { input_tokens: prompt_tokens, output_tokens: completion_tokens }
    const base = { id: `msg_${Date.now()}`, type: 'message', role: 'assistant', model: model.id }
    const ended = { stop_reason: 'end_turn', stop_sequence: null }
    if (!body.stream) {
      const content = [{ type: 'text', text: words.join('') }]
      return send(response, 200, { ...base, content, ...ended, usage })
    }
    const open = { stop_reason: null, stop_sequence: null }
    await stream(
      model,
      response,
      [
        { type: 'message_start', message: { ...base, content: [], ...open, usage } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        ...words.map((text) => ({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text },
        })),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: ended, usage: { output_tokens: completion_tokens } },
        { type: 'message_stop' },
      ],
      ({ type }) => `event: ${type}\n`,
    )
  },
}

async function stream(
  { load, wordMs = 15 }: PretendModel,
  response: ServerResponse,
  events: readonly Untyped[],
  nameOf: (event: Untyped) => string = () => '',
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  const startedAt = performance.now()
  for (const [index, event] of events.entries()) {
    if (response.destroyed) return
    if (index === 1) observe(load.firstToken, (performance.now() - startedAt) / 1000)
    if (index > 1) observe(load.interToken, wordMs / 1000)
    const text = typeof event === 'string' ? event : JSON.stringify(event)
    response.write(`${typeof event === 'string' ? '' : nameOf(event)}data: ${text}\n\n`)
    await delay(wordMs)
  }
  response.end()
}

/** What a model that others ask too adds, for whoever tries it. */
const introduction = [
  '',
  '',
  'I am a pretend model: I say back what I am told, token by token. What runs beside me is told by',
  '',
  '```bash',
  'kubectl get modeldeployments -A',
  '```',
].join('\n')

function reply({ traffic }: PretendModel, prompt: string, most: unknown): string[] {
  const words = `You said: ${prompt}${traffic ? introduction : ''}`.split(/(?<=\s)/)
  return words.slice(0, Math.min(wordsMax, typeof most === 'number' ? most : wordsMax))
}

function count({ load }: PretendModel, prompt: string, words: readonly string[]) {
  const promptTokens = prompt.split(/\s+/).length
  load.promptTokens += promptTokens
  load.prefixQueries += promptTokens
  load.generatedTokens += words.length
  return {
    prompt_tokens: promptTokens,
    completion_tokens: words.length,
    total_tokens: promptTokens + words.length,
  }
}

function lastText(messages: Untyped): string {
  const content = Array.isArray(messages) ? messages.at(-1)?.content : ''
  if (!Array.isArray(content)) return String(content ?? '')
  return content.map((part: Untyped) => part?.text ?? '').join('')
}

async function readJson(request: IncomingMessage): Promise<Untyped> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyBytesMax) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}

function toError(message: string, type = 'BadRequestError', code = 400) {
  return { error: { message, type, param: null, code } }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}
