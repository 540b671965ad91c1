import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadLlama, type Llama } from './load-llama.ts'
import { randomLlama } from './random-llama.ts'

/** What is asked, of both calls. */
type Question = {
  prompt?: string
  messages?: { role: string; content: string }[]
  max_tokens?: number
  stream?: boolean
  stream_options?: { include_usage?: boolean }
}

const name = 'random-llama'
const [, , modules = ''] = process.argv
const folder = await mkdtemp(join(tmpdir(), 'hub-llama-'))
const file = join(folder, 'random.gguf')
writeFileSync(file, randomLlama())
const llama = await loadLlama(
  pathToFileURL(join(modules, 'node-llama-cpp/dist/index.js')).href,
  file,
)
/** For whoever tests: what was begun, said and broken off. */
const counts = { begun: 0, tokens: 0, aborted: 0 }

const server = createServer((request, response) => {
  answer(llama, request, response).catch((error: unknown) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: String(error), type: 'server_error' } }))
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
// With whoever started it.
process.stdin.resume().on('end', () => {
  void rm(folder, { recursive: true, force: true }).then(() => process.exit(0))
})

async function answer(of: Llama, request: IncomingMessage, response: ServerResponse) {
  const send = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  if (request.url === '/counts') return send(200, counts)
  if (request.url === '/v1/models') {
    return send(200, { object: 'list', data: [{ id: name, object: 'model' }] })
  }
  const isChat = request.url === '/v1/chat/completions'
  if (!isChat && request.url !== '/v1/completions') return send(404, { detail: 'Not Found' })
  const question = await readQuestion(request)
  const prompt = isChat
    ? (question.messages ?? []).map(({ content, role }) => `${role}: ${content}\n`).join('')
    : (question.prompt ?? '')
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const object = isChat ? 'chat.completion' : 'text_completion'
  const choose = (text: string | null) => ({
    index: 0,
    finish_reason: text === null ? 'length' : null,
    ...(isChat ? { delta: text === null ? {} : { content: text } } : { text: text ?? '' }),
  })
  const event = (body: object) =>
    response.write(`data: ${JSON.stringify({ id: 'c-1', object, model: name, ...body })}\n\n`)
  counts.begun += 1
  const said = await of.complete(prompt, {
    tokensMax: question.max_tokens ?? 16,
    signal: gone.signal,
    onText: (text) => {
      if (!question.stream) return
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
      event({ choices: [choose(text)] })
    },
  })
  counts.tokens += said.tokens
  if (gone.signal.aborted) {
    counts.aborted += 1
    return undefined
  }
  const usage = {
    prompt_tokens: said.promptTokens,
    completion_tokens: said.tokens,
    total_tokens: said.promptTokens + said.tokens,
  }
  if (question.stream) {
    event({ choices: [choose(null)] })
    if (question.stream_options?.include_usage) event({ choices: [], usage })
    return response.end('data: [DONE]\n\n')
  }
  const whole = isChat
    ? { message: { role: 'assistant', content: said.text } }
    : { text: said.text }
  const choices = [{ index: 0, finish_reason: 'length', ...whole }]
  return send(200, { id: 'c-1', object, model: name, choices, usage })
}

async function readQuestion(request: IncomingMessage): Promise<Question> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as Question
}
