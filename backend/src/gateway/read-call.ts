import { isUtf8 } from 'node:buffer'
import type { Context } from 'hono'
import { AppError } from '#errors'
import { readBytes } from '#http'
import { isRecord } from '#kube'

const bodyBytesMax = 10 * 1024 * 1024
const modelLengthMax = 1_000
/** Of one call, as OpenAI's own bound is. */
const answersMax = 128

/** What a client sent to a model: as it was written, and what it says. */
export type Call = { model: string; text: string; body: Record<string, unknown> }

/**
 * The JSON body of a call, whatever its content type says. Throws `body-too-large`, `invalid-json`, `invalid-request` and
 * `unsupported-media-type`.
 */
export async function readCall(c: Context): Promise<Call> {
  refuseEncoded(c.req.header('content-encoding'))
  const text = decode(await readBytes(c, bodyBytesMax))
  const body = parse(text)
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
    // Engines take a number as text too.
    if (
      count !== undefined &&
      count !== null &&
      !(typeof count === 'number' && count <= answersMax)
    ) {
      throw new AppError('invalid-request', {
        detail: `"${name}" must be a number, at most ${answersMax}: a model makes that many answers at once, and holds memory for each.`,
      })
    }
  }
  return { model, text, body }
}

function refuseEncoded(encoding: string | undefined): void {
  if (encoding === undefined || /^\s*(identity)?\s*$/i.test(encoding)) return
  throw new AppError('unsupported-media-type', {
    detail: 'The hub takes bodies as they are: send it without a Content-Encoding.',
  })
}

function decode(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw invalid('not UTF-8')
  const text = bytes.toString('utf8')
  // RFC 8259 §8.1: a byte order mark may be ignored.
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // What the parser says quotes the body, which is nobody else's.
    throw invalid(cause instanceof Error ? cause.name : 'unreadable')
  }
}

function invalid(why: string): AppError {
  return new AppError('invalid-json', {
    detail: 'The body is not valid JSON. Correct it and send it again.',
    cause: new Error(why),
  })
}
