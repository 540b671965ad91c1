import { setTimeout as delay } from 'node:timers/promises'
import { Pool, type Dispatcher } from 'undici'
import type { CallOptions, CallResult, HoldOptions } from './model-callers.ts'

type Asked = { type: 'call'; options: CallOptions } | { type: 'hold'; options: HoldOptions }

const connectionsMax = 6_000
const heldAtOnce = 50
const readingMs = 100
let turn = 0
let held = 0
let holding: Pool | null = null

process.on('message', (message) => {
  const asked = message as Asked
  const reply = asked.type === 'call' ? call(asked.options) : hold(asked.options)
  void reply.then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit(0))

async function call({ seconds, streams, whole, ...to }: CallOptions): Promise<CallResult> {
  const pool = new Pool(new URL(to.url).origin, { connections: connectionsMax, pipelining: 1 })
  const result: CallResult = {
    latenciesMs: [],
    firstBytesMs: [],
    firstTokensMs: [],
    requests: 0,
    errors: 0,
    seconds,
  }
  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt >= seconds * 1000
  const askWhole = async (dueAt: number) => {
    await ask(pool, to, {}, result)
    result.requests += 1
    result.latenciesMs.push(performance.now() - dueAt)
  }
  const offer = async (perSecond: number) => {
    const asked: Promise<void>[] = []
    for (let index = 0; index < perSecond * seconds; index += 1) {
      const dueAt = startedAt + (index * 1000) / perSecond
      const wait = dueAt - performance.now()
      if (wait > 0) await delay(wait)
      asked.push(askWhole(dueAt))
    }
    await Promise.all(asked)
  }
  const saturate = async () => {
    while (!isOver()) await askWhole(performance.now())
  }
  const stream = async (index: number) => {
    // They do not all begin at once.
    await delay((index * 2_000) / Math.max(1, streams))
    for (let isAtOnce = index % 2 === 0; !isOver(); isAtOnce = !isAtOnce) {
      const askedAt = performance.now()
      const into = isAtOnce ? result.firstBytesMs : result.firstTokensMs
      const onFirst = () => into.push(performance.now() - askedAt)
      const reading = isAtOnce ? 0 : readingMs
      const more = { stream: true, max_tokens: 20, seed: 100, top_k: reading }
      await ask(pool, to, more, result, onFirst)
    }
  }
  await Promise.all([
    ...('perSecond' in whole
      ? [offer(whole.perSecond)]
      : Array.from({ length: whole.callers }, saturate)),
    ...Array.from({ length: streams }, (_, index) => stream(index)),
  ])
  result.seconds = (performance.now() - startedAt) / 1000
  await pool.destroy()
  return result
}

async function ask(
  pool: Pool,
  to: Pick<CallOptions, 'url' | 'model' | 'tokens'>,
  more: object,
  result: CallResult,
  onFirst: () => void = () => {},
): Promise<void> {
  let isFirst = true
  let end = ''
  try {
    const { body, statusCode } = await post(pool, to, more)
    for await (const chunk of body) {
      if (isFirst) onFirst()
      isFirst = false
      end = (chunk as Buffer).toString('latin1').slice(-20)
    }
    const isWhole = 'stream' in more ? end.includes('[DONE]') : end !== ''
    if (statusCode !== 200 || !isWhole) result.errors += 1
  } catch {
    result.errors += 1
  }
}

function post(
  pool: Pool,
  { model, tokens, url }: Pick<CallOptions, 'url' | 'model' | 'tokens'>,
  more: object,
): Promise<Dispatcher.ResponseData> {
  turn += 1
  const messages = [{ role: 'user', content: 'What does every model say first?' }]
  return pool.request({
    method: 'POST',
    path: `${new URL(url).pathname}/chat/completions`,
    headers: {
      authorization: `Bearer ${tokens[turn % tokens.length]!}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model, messages, ...more }),
  })
}

async function hold({ open, ...to }: HoldOptions): Promise<number> {
  holding ??= new Pool(new URL(to.url).origin, {
    connections: connectionsMax,
    pipelining: 1,
    bodyTimeout: 0,
  })
  const pool = holding
  for (let missing = open - held; missing > 0; missing = open - held) {
    const count = Math.min(heldAtOnce, missing)
    await Promise.all(
      Array.from({ length: count }, async () => {
        const more = { stream: true, max_tokens: 400, seed: 10_000 }
        const { body, statusCode } = await post(pool, to, more)
        if (statusCode !== 200) throw new Error(`A stream was answered with ${statusCode}.`)
        held += 1
        const leave = () => (held -= 1)
        body.once('end', leave).once('error', leave).resume()
      }),
    )
  }
  return held
}
