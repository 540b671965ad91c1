import { finished, Readable } from 'node:stream'
import { ClusterError, statusError } from '../cluster-error.ts'
import { isRecord } from '../objects.ts'
import { limitTime, type TimeLimit } from './limit-time.ts'
import type { Line } from './line.ts'
import { passStale } from './pass-stale.ts'
import { isSuccess, parseJson, readHeader, readRefusal } from './read-answer.ts'
import { tooManyWaiting } from './request.ts'
import type { Answer } from './exchange.ts'
import type { Intake, Passage, PassageRequest, Transport } from './transport.ts'

/** What a cluster says itself of what it forwards is no longer. */
const statusBytesMax = 64 * 1024

type Chunks = AsyncIterator<Uint8Array, unknown, undefined>
/** An answer, what was read of it already, and the rest. */
type Begun = { answer: Answer; first: Uint8Array[]; rest: Chunks }

/** Answers that pass through as they come: so many at once, each for as long as somebody reads it. */
export function createOpen(line: Line): Transport['open'] {
  const open = { passages: 0, forwarded: 0 }
  return async (request) => {
    const kind = request.isForwarded ? 'forwarded' : 'passages'
    if (open[kind] >= line.limits[kind]) throw tooManyWaiting()
    open[kind] += 1
    const limit = limitTime(request.timeoutMs ?? line.limits.requestTimeoutMs, request.signal)
    const end = () => {
      open[kind] -= 1
      limit.clear()
    }
    try {
      const begun = await begin(line, request, limit)
      limit.restart(request.idleTimeoutMs ?? null)
      const { answer } = begun
      answer.body.once('close', end)
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: passOn(line, request, begun, limit),
        intake: takeIn(line, request, begun, limit),
        auditId: readHeader(answer, 'audit-id'),
      } satisfies Passage
    } catch (error) {
      end()
      throw error
    }
  }
}

function begin(line: Line, request: PassageRequest, limit: TimeLimit): Promise<Begun> {
  const { isForwarded = false } = request
  let wasSent = false
  const onSend = () => {
    wasSent = true
    request.onSend?.()
  }
  const attempt = async () => {
    try {
      return await passStale(() => ask(line, { ...request, onSend }, limit.signal), {
        isRepeatable: request.method === 'GET',
        signal: limit.signal,
      })
    } catch (error) {
      throw limit.explain(error)
    }
  }
  const isElsewhere = (error: unknown) =>
    isForwarded && wasSent && error instanceof ClusterError && error.status === null
  return line.breaker.run(attempt, { isElsewhere })
}

async function ask(line: Line, request: PassageRequest, signal: AbortSignal): Promise<Begun> {
  const { limits, send } = line
  const { passages } = line.poolsFor(request)
  const redact = (text: string) => line.redact(text, request)
  const { body = null, headers = {}, isForwarded } = request
  const sent = {
    ...request,
    headers,
    body: body === null || body instanceof Uint8Array ? body : Readable.from(body),
  }
  const answer = await send(passages, sent, signal, { bodyTimeout: 0, headersTimeout: 0 })
  const rest = (answer.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  if (isSuccess(answer) || line.isDirect) return { answer, first: [], rest }
  if (!isForwarded) throw await readRefusal(answer, { bodyBytesMax: limits.bodyBytesMax, redact })
  const first = await readStart(rest)
  const status = parseJson(Buffer.concat(first).toString('utf8'))
  if (!isRecord(status) || status.kind !== 'Status' || status.apiVersion !== 'v1') {
    return { answer, first, rest }
  }
  throw statusError({
    status: answer.statusCode,
    body: status,
    retryAfter: readHeader(answer, 'retry-after'),
    auditId: readHeader(answer, 'audit-id'),
    redact,
  })
}

/** All of a short body; of a longer one as much as came until that was clear. */
async function readStart(chunks: Chunks): Promise<Uint8Array[]> {
  const first: Uint8Array[] = []
  let size = 0
  while (size <= statusBytesMax) {
    const { done, value } = await chunks.next()
    if (done) break
    first.push(value)
    size += value.byteLength
  }
  return first
}

/** As fast as it is read, and no faster. */
function passOn(
  { hear }: Line,
  { toError = (error) => error }: PassageRequest,
  { answer, first, rest }: Begun,
  limit: TimeLimit,
): ReadableStream<Uint8Array> {
  const waiting = first.values()
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const read = waiting.next()
        if (!read.done) return controller.enqueue(read.value)
        try {
          const { done, value } = await rest.next()
          if (done) return controller.close()
          hear()
          limit.restart()
          controller.enqueue(value)
        } catch (error) {
          controller.error(toError(limit.explain(error)))
        }
      },
      cancel: () => void answer.body.destroy(),
    },
    { highWaterMark: 0 },
  )
}

/** The answer's own stream gathers, until it is full. */
function takeIn(
  { hear }: Line,
  { toError = (error) => error }: PassageRequest,
  { answer: { body } }: Begun,
  limit: TimeLimit,
): Intake {
  return ({ onEnd, onReadable }) => {
    body.on('readable', onReadable)
    finished(body, { writable: false }, (error) => {
      onEnd(error ? toError(limit.explain(error)) : null)
    })
    return () => {
      // Without a number it gives the first piece alone; with more than its bound, that would grow.
      const length = Math.min(body.readableLength, body.readableHighWaterMark)
      const chunk = body.read(length === 0 ? undefined : length) as Uint8Array | null
      if (chunk === null) return null
      hear()
      limit.restart()
      return chunk
    }
  }
}
