import type { ChatEvent, ChatInput } from '@hub/shared'
import { AppError, asAppError } from '#errors'
import { eventStream, isEventStream, splitEvents } from '#event-stream'
import { readText, type Forwarded, type OpenedModel } from '#serving'
import { parse, readChunk, readError, type Chunk } from './read-chunk.ts'

export type ChatLimits = {
  /** Until the answer begins: the model may still have others before it. */
  firstByteMs: number
  /** Without a token. */
  silenceMs: number
}

const answerBytesMax = 4 * 1024 * 1024

/** What a model answers, piece by piece. Throws an `AppError` where it gives up, is cut off or speaks another language. */
export async function* askModel(
  model: OpenedModel,
  servedName: string,
  input: ChatInput,
  { limits, signal }: { limits: ChatLimits; signal: AbortSignal },
): AsyncGenerator<Chunk> {
  const isBase = input.prompt !== undefined
  const answer = await model.ask({
    method: 'POST',
    path: isBase ? ['v1', 'completions'] : ['v1', 'chat', 'completions'],
    headers: { accept: eventStream, 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        ...input,
        model: servedName,
        n: 1,
        stream: true,
        stream_options: { include_usage: true },
      }),
    ),
    timeoutMs: limits.firstByteMs,
    idleTimeoutMs: limits.silenceMs,
    signal,
  })
  if (answer.status >= 400) throw await readRefusal(answer, isBase)
  if (isEventStream(answer.headers['content-type'])) return yield* readEvents(answer)
  const whole = readChunk(await readText(answer.body, answerBytesMax))
  if (whole === null) throw garbage()
  yield whole
}

async function* readEvents({ body }: Forwarded): AsyncGenerator<Chunk> {
  let isFinished = false
  try {
    for await (const data of splitEvents(body)) {
      if (data === '[DONE]') return
      if (data === '') continue
      const chunk = readChunk(data)
      if (chunk === null) throw garbage()
      if (chunk.error !== null) throw gaveUp(chunk.error)
      isFinished ||= chunk.finishReason !== null
      yield chunk
    }
  } catch (error) {
    throw error instanceof RangeError ? garbage() : error
  }
  if (isFinished) return
  throw new AppError('instance-error', {
    detail: 'The model stopped in the middle of its answer. Ask again.',
  })
}

async function readRefusal({ body, status }: Forwarded, isBase: boolean): Promise<AppError> {
  const said = readError(parse(await readText(body, 64 * 1024)))
  if (said !== null) return gaveUp(said)
  const missing = isBase ? 'completions' : 'chat'
  const detail =
    status === 404 || status === 405
      ? `The model serves no ${missing}. ${isBase ? 'Ask it by messages.' : 'It may be a base model, which takes a prompt to go on with, or serve no text at all.'}`
      : `The model answered with status ${status}. Look at its logs.`
  return new AppError('instance-error', { detail })
}

function gaveUp(said: string): AppError {
  return new AppError('instance-error', { detail: `The model refused: ${said}` })
}

function garbage(): AppError {
  return new AppError('instance-error', {
    detail:
      'What the model answered is not in the protocol of OpenAI, so it cannot be shown. Look at its logs.',
  })
}

/** What is told of a failure, whatever it was. */
export function presentError(error: unknown): Extract<ChatEvent, { type: 'error' }> {
  const { code, detail } = asAppError(error)
  return { type: 'error', code, detail }
}
