import { asAppError } from '#errors'
import { isRecord } from '#kube'
import { readText } from '#serving'
import { followAnswer } from '#usage'
import { describeError } from './answer-error.ts'
import type { Answer } from './call-deployment.ts'
import type { Protocol } from './protocol.ts'

const errorBytesMax = 64 * 1024
const errorTextMax = 1_000

/** `startedAt` is when the call came, by `performance.now()`. */
type Passing = { protocol: Protocol; requestId: string; timing: string; startedAt: number }

/**
 * A model's answer as the client gets it: what succeeded byte by byte, what failed with its status in the protocol's own
 * envelope. A stream that breaks off ends with an error event of the protocol.
 */
export async function passAnswer(answer: Answer, passing: Passing): Promise<Response> {
  const { headers: given, status } = answer
  const headers = new Headers({
    'content-type': given['content-type'] ?? 'application/json',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-request-id': passing.requestId,
    'x-selected-provider': answer.provider,
    'x-selected-model': answer.model,
    'server-timing': passing.timing,
  })
  if (given['retry-after'] !== undefined) headers.set('retry-after', given['retry-after'])
  if (status < 400) return new Response(passBody(answer, passing), { status, headers })
  try {
    const text = await readText(answer.body, errorBytesMax)
    headers.set('content-type', 'application/json')
    return new Response(describeFailure(text, status, passing), { status, headers })
  } finally {
    answer.release()
    answer.use.ended({ status })
  }
}

/** As it is where it is the protocol's own already. */
function describeFailure(text: string, status: number, { protocol, requestId }: Passing): string {
  const parsed = parse(text)
  if (isRecord(parsed) && isRecord(parsed['error'])) return text
  const said = isRecord(parsed) ? (parsed['message'] ?? parsed['detail']) : text
  const detail =
    typeof said === 'string' && said.trim() !== '' && !/^\s*</.test(said)
      ? said.slice(0, errorTextMax).toWellFormed()
      : `The model answered with status ${status}.`
  const code = status === 404 ? 'not-found' : 'instance-error'
  return JSON.stringify(describeError(protocol, { code, detail }, { requestId, status }))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Lets go of the model when the body ends, however it does, and counts what it cost. */
function passBody(answer: Answer, passing: Passing): ReadableStream<Uint8Array> {
  const reader = answer.body.getReader()
  const isEvents = answer.headers['content-type']?.startsWith('text/event-stream') === true
  const follower = followAnswer({ isEvents, isAdded: answer.isUsageAdded })
  let firstByteMs: number | null = null
  const end = (status: number) => {
    answer.release()
    answer.use.ended({ status, ...follower.usage(), firstByteMs: isEvents ? firstByteMs : null })
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await reader.read()
            if (done) break
            firstByteMs ??= performance.now() - passing.startedAt
            const passed = follower.push(value)
            if (passed.byteLength > 0) return controller.enqueue(passed)
          }
          end(answer.status)
          const rest = follower.end()
          if (rest.byteLength > 0) controller.enqueue(rest)
          controller.close()
        } catch (error) {
          end(502)
          if (!isEvents) return controller.error(error)
          controller.enqueue(describeBreak(error, passing))
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

function describeBreak(error: unknown, { protocol, requestId }: Passing): Uint8Array {
  const told = describeError(protocol, asAppError(error), { requestId, status: 502 })
  const name = protocol === 'anthropic' ? 'event: error\n' : ''
  return Buffer.from(`\n\n${name}data: ${JSON.stringify(told)}\n\n`)
}
