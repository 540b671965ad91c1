import type { Context } from 'hono'
import { encodings, type Encoding, type KeptJson } from '#operation'
import { answerPlain } from './standard-headers.ts'

/** Smaller bodies fit into one or two packets as they are. */
const compressedFromBytes = 2_048

/**
 * Answers with JSON that was serialized before: 304 where the caller has it, compressed where the caller takes that.
 * Browsers may keep it and ask each time whether it is still good.
 */
export function answerKept(c: Context, body: KeptJson<unknown>): Promise<Response> {
  return answerKeptAs(c, body, 'application/json', {
    'cache-control': 'private, no-cache',
    vary: 'Accept-Encoding, Cookie',
  })
}

/** The same for text of any type, kept as the headers say. */
export async function answerKeptAs(
  c: Context,
  body: KeptJson<unknown>,
  type: string,
  own: Record<string, string>,
): Promise<Response> {
  const headers = { ...own, etag: body.etag() }
  if (matches(c.req.header('if-none-match'), body.etag())) {
    return answerPlain(c, 304, null, headers)
  }
  const encoding =
    body.bytes.byteLength < compressedFromBytes
      ? null
      : chooseEncoding(c.req.header('accept-encoding'))
  const bytes = encoding === null ? body.bytes : await body.compressed(encoding)
  return answerPlain(c, 200, bytes, {
    ...headers,
    'content-type': type,
    'content-length': String(bytes.byteLength),
    ...(encoding !== null && { 'content-encoding': encoding }),
  })
}

/** RFC 9110 §12.5.3: the client's favourite of ours; null where it wants none of them. */
function chooseEncoding(accepted: string | undefined): Encoding | null {
  const qualities = new Map<string, number>()
  for (const part of (accepted ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    const value = quality === undefined ? 1 : Number(quality.slice(2))
    qualities.set(name, Number.isFinite(value) ? value : 0)
  }
  let best: Encoding | null = null
  let bestQuality = 0
  for (const encoding of encodings) {
    const quality = qualities.get(encoding) ?? qualities.get('*') ?? 0
    if (quality > bestQuality) {
      best = encoding
      bestQuality = quality
    }
  }
  return best
}

/** RFC 9110 §13.1.2: weak comparison. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const opaque = etag.slice('W/'.length)
  return header
    .split(',')
    .map((each) => each.trim())
    .some((each) => each === '*' || each.replace(/^W\//, '') === opaque)
}
