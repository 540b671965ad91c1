import type { Context } from 'hono'
import { AppError } from '#errors'
import { readBytes } from '#http'
import { isRecord } from '#kube'

const bodyBytesMax = 10 * 1024 * 1024
const modelLengthMax = 1_000
/** Of one call, as OpenAI's own bound is. */
const answersMax = 128

/** What a client sent to a model. */
export type Call = { model: string; body: Record<string, unknown>; isStream: boolean }

/**
 * The JSON body of a call, whatever its content type says. Throws `body-too-large`, `invalid-json` and
 * `invalid-request`.
 */
export async function readCall(c: Context): Promise<Call> {
  const body = parse(await readBytes(c, bodyBytesMax))
  if (!isRecord(body)) {
    throw new AppError('invalid-request', { detail: 'The body must be a JSON object.' })
  }
  const { model } = body
  if (typeof model !== 'string' || model === '' || model.length > modelLengthMax) {
    throw new AppError('invalid-request', {
      detail: '"model" must name a model, such as one that GET /v1/models lists.',
    })
  }
  for (const name of ['n', 'best_of']) {
    const count = body[name]
    if (typeof count === 'number' && count > answersMax) {
      throw new AppError('invalid-request', {
        detail: `"${name}" must be at most ${answersMax}: a model makes that many answers at once, and holds memory for each.`,
      })
    }
  }
  return { model, body, isStream: body['stream'] === true }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    // What the parser says quotes the body, which is nobody else's.
    throw new AppError('invalid-json', {
      detail: 'The body is not valid JSON. Correct it and send it again.',
      cause: new Error(cause instanceof Error ? cause.name : 'unreadable'),
    })
  }
}
