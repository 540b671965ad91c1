import { AppError, asAppError } from '#errors'
import { isEventStream } from '#event-stream'
import { isRecord } from '#kube'
import { readText } from '#serving'
import { clientGone, followAnswer } from '#usage'
import { describeError } from './answer-error.ts'
import type { Answer } from './call-deployment.ts'
import type { Protocol } from './protocol.ts'

const errorBytesMax = 64 * 1024
const errorTextMax = 1_000

/** Of a whole answer so much is waited for, so that it goes on in one piece; a longer one goes on as it comes. */
const wholeBytesMax = 256 * 1024

/** `startedAt` is when the call came, by `performance.now()`; `signal` is that of whoever made it. */
type Passing = { protocol: Protocol; requestId: string; startedAt: number; signal: AbortSignal }

/** Plain parts: what a web response makes of them costs more than to pass them on. */
type Passed = {
  status: number
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
}

/**
 * A model's answer as the client gets it: what succeeded byte by byte, what failed with its status in the protocol's own
 * envelope. A stream that breaks off ends with an error event of the protocol.
 */
export async function passAnswer(answer: Answer, passing: Passing): Promise<Passed> {
  const { headers: given, status } = answer
  const headers: Passed['headers'] = {
    'content-type': given['content-type'] ?? 'application/json',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-request-id': passing.requestId,
    'x-selected-provider': answer.provider,
    'x-selected-model': toHeader(answer.model),
    'server-timing': describeTiming(answer, passing, performance.now()),
    ...(given['retry-after'] !== undefined && { 'retry-after': given['retry-after'] }),
  }
  const asJson = { ...headers, 'content-type': 'application/json' }
  const begun = { ...answer, reader: answer.body.getReader(), read: [] }
  if (status < 400 && isEventStream(answer.headers['content-type'])) {
    return { status, headers, body: passBody(begun, passing) }
  }
  if (status < 400) {
    const whole = await beginWhole(begun, passing)
    if ('fault' in whole) {
      return { status: badGateway, headers: asJson, body: describeFault(whole.fault, passing) }
    }
    const bytes = await readAll(whole, passing)
    if (bytes === null) return { status, headers, body: passBody(whole, passing) }
    const length = String(bytes.byteLength)
    return { status, headers: { ...headers, 'content-length': length }, body: bytes }
  }
  begun.reader.releaseLock()
  try {
    const text = await readText(answer.body, errorBytesMax)
    return { status, headers: asJson, body: describeFailure(text, status, passing) }
  } finally {
    answer.release()
    answer.use.ended({ status })
  }
}

/**
 * Until the answer began: what is before that is told, for an answer has no place for more once its headers are sent.
 * `queue` is the body's reading and the limits, `connect` until the request was written, `first-byte` the model.
 */
function describeTiming(
  { begunAt, sentAt }: Answer,
  { startedAt }: Passing,
  answeredAt: number,
): string {
  const spans = [
    ['queue', begunAt - startedAt],
    ...(sentAt === null ? [] : [['connect', sentAt - begunAt] as const]),
    ['first-byte', answeredAt - (sentAt ?? begunAt)],
    ['total', answeredAt - startedAt],
  ] as const
  return spans.map(([name, ms]) => `${name};dur=${Math.round(ms * 10) / 10}`).join(', ')
}

/** What callers name at a provider outside is any text, and a header takes visible ASCII (RFC 9110 §5.5). */
function toHeader(text: string): string {
  return text.toWellFormed().replaceAll(/[^\x20-\x7e]/gu, encodeURIComponent)
}

/** As it is where it is the protocol's own already. */
function describeFailure(text: string, status: number, { protocol, requestId }: Passing): string {
  const parsed = parse(text)
  if (isRecord(parsed) && isRecord(parsed['error'])) return text
  const said = isRecord(parsed) ? readSaid(parsed) : text
  const detail =
    said.trim() !== '' && !/^\s*</.test(said)
      ? said.slice(0, errorTextMax).toWellFormed()
      : `The model answered with status ${status}.`
  const code = status === 404 ? 'not-found' : 'instance-error'
  return JSON.stringify(describeError(protocol, { code, detail }, { requestId, status }))
}

/** Where engines and their frameworks say what was wrong: a sentence, or FastAPI's list of the fields that it does not take. */
function readSaid({ detail, error, message }: Record<string, unknown>): string {
  const said = [message, detail, error].find((each) => typeof each === 'string')
  if (typeof said === 'string') return said
  const faults = Array.isArray(detail) ? detail.filter(isRecord) : []
  return faults.map(({ loc, msg }) => `${[loc].flat().join('.')}: ${String(msg)}`).join('; ')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

type Begun = Answer & {
  reader: ReadableStreamDefaultReader<Uint8Array>
  /** What of the body was read already, and is still to be passed on. */
  read: Uint8Array[]
}

/** An answer that is no stream begins before anything of it is told, so that what is none has the status of a failure. */
async function beginWhole(
  answer: Begun,
  { protocol, signal }: Passing,
): Promise<Begun | { fault: string }> {
  const type = answer.headers['content-type'] ?? 'application/json'
  let fault = 'The model answered nothing. Ask again; if it stays so, look at its logs.'
  try {
    for (;;) {
      const { done, value } = await answer.reader.read()
      if (done) break
      if (value.byteLength === 0) continue
      if (isOfType(type, value)) return { ...answer, read: [value] }
      fault = `What the model answered is not in the protocol of ${protocol === 'anthropic' ? 'Anthropic' : 'OpenAI'}. Look at its logs.`
      break
    }
  } catch (error) {
    answer.release()
    answer.use.ended({ status: signal.aborted ? clientGone : badGateway })
    throw error
  }
  await answer.reader.cancel().catch(() => {})
  answer.release()
  answer.use.ended({ status: badGateway })
  return { fault }
}

/**
 * All of an answer, for it to go on in one piece, with its length. Null where it is none to wait for: no JSON, or more of it
 * than is kept.
 */
async function readAll(
  answer: Begun,
  { signal }: Passing,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { headers, read, reader } = answer
  if (!/[/+]json/.test(headers['content-type'] ?? 'application/json')) return null
  let size = read.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const follower = followAnswer({ isEvents: false, isAdded: false })
  const end = (status: number) => {
    answer.release()
    answer.use.ended({ status, ...follower.usage(), firstByteMs: null })
  }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      read.push(value)
      size += value.byteLength
      if (size > wholeBytesMax) return null
    }
  } catch (error) {
    end(signal.aborted ? clientGone : badGateway)
    throw error
  }
  const bytes = Uint8Array.from(read.length === 1 ? read[0]! : Buffer.concat(read))
  follower.push(bytes)
  end(answer.status)
  return bytes
}

/** No protocol answers with a web page, and JSON is an object or a list. */
function isOfType(type: string, first: Uint8Array): boolean {
  if (type.startsWith('text/html')) return false
  if (!/[/+]json/.test(type)) return true
  const text = Buffer.from(first).toString('utf8').trimStart()
  return text === '' || text.startsWith('{') || text.startsWith('[')
}

const badGateway = 502

/** Lets go of the model when the body ends, however it does, and counts what it cost. */
function passBody(answer: Begun, passing: Passing): ReadableStream<Uint8Array> {
  const { reader } = answer
  const isStream = isEventStream(answer.headers['content-type'])
  const follower = followAnswer({ isEvents: isStream, isAdded: answer.isUsageAdded })
  let firstByteMs: number | null = null
  const end = (status: number) => {
    answer.release()
    answer.use.ended({ status, ...follower.usage(), firstByteMs: isStream ? firstByteMs : null })
  }
  const read = async () => {
    const value = answer.read.shift()
    return value === undefined ? reader.read() : ({ done: false, value } as const)
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await read()
            if (done) break
            firstByteMs ??= performance.now() - passing.startedAt
            const passed = follower.push(value)
            if (passed.byteLength > 0) return controller.enqueue(passed)
          }
          if (!follower.isWhole()) throw stoppedShort()
          end(answer.status)
          const rest = follower.end()
          if (rest.byteLength > 0) controller.enqueue(rest)
          controller.close()
        } catch (error) {
          end(badGateway)
          if (!isStream) return controller.error(error)
          controller.enqueue(describeBreak(error, passing, follower.events()))
          controller.close()
        }
      },
      async cancel(reason) {
        end(answer.status)
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

function stoppedShort(): AppError {
  return new AppError('instance-error', {
    detail: 'The model stopped in the middle of its answer. Ask again.',
  })
}

function describeFault(detail: string, { protocol, requestId }: Passing): string {
  const fault = { code: 'instance-error', detail } as const
  return JSON.stringify(describeError(protocol, fault, { requestId, status: badGateway }))
}

/** `events` is how many came before it. */
function describeBreak(
  thrown: unknown,
  { protocol, requestId }: Passing,
  events: number,
): Uint8Array {
  const told = describeError(protocol, asAppError(thrown), { requestId, status: badGateway })
  const isNamed = protocol !== 'openai'
  const data =
    protocol === 'openai-responses'
      ? // As its document has it, and as its SDKs look for one.
        { ...told.error, type: 'error', sequence_number: events, ...told }
      : told
  return Buffer.from(`\n\n${isNamed ? 'event: error\n' : ''}data: ${JSON.stringify(data)}\n\n`)
}
