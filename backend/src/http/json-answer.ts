import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Context, TypedResponse } from 'hono'
import { answerBytes } from './security-headers.ts'

const encodings = ['br', 'gzip'] as const
type Encoding = (typeof encodings)[number]

/** A body that is JSON text of a `T` already; its ETag and its compressed forms are made at most once. */
export type JsonBody<T> = {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Weak, since compressed forms share it. */
  etag(): string
  compressed(encoding: Encoding): Promise<Uint8Array<ArrayBuffer>>
  /** Never set: it holds the type. */
  readonly value?: T
}

/** Smaller bodies fit into one or two packets as they are. */
const compressedFromBytes = 2_048
/** About as fast as gzip's fastest, and smaller. */
const brotliQuality = 4
const gzipLevel = 3

export function createJsonBody<T>(text: string): JsonBody<T> {
  const bytes = Buffer.from(text)
  const compressed = new Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>()
  let etag: string | null = null
  return {
    bytes,
    etag: () => (etag ??= `W/"${hash('sha256', bytes, 'base64url').slice(0, 27)}"`),
    compressed: (encoding) => {
      const known = compressed.get(encoding) ?? compress(encoding, bytes)
      compressed.set(encoding, known)
      return known
    },
  }
}

/**
 * Answers with a body that was serialized before: 304 where the caller has it, compressed where the caller takes that.
 * Browsers may keep it and ask each time whether it is still good.
 */
export function answerJson<T>(
  c: Context,
  body: JsonBody<T>,
): Promise<Response & TypedResponse<T, 200, 'json'>> {
  return typed(
    answerBody(c, body, 'application/json', {
      'cache-control': 'private, no-cache',
      vary: 'Accept-Encoding, Cookie',
    }),
  )
}

/** The same for text of any type, kept as the headers say. */
export async function answerBody(
  c: Context,
  body: JsonBody<unknown>,
  type: string,
  own: Record<string, string>,
): Promise<Response> {
  const headers = { ...own, etag: body.etag() }
  if (matches(c.req.header('if-none-match'), body.etag())) {
    return answerBytes(c, 304, null, headers)
  }
  const encoding =
    body.bytes.byteLength < compressedFromBytes
      ? null
      : chooseEncoding(c.req.header('accept-encoding'))
  const bytes = encoding === null ? body.bytes : await body.compressed(encoding)
  return answerBytes(c, 200, bytes, {
    ...headers,
    'content-type': type,
    'content-length': String(bytes.byteLength),
    ...(encoding !== null && { 'content-encoding': encoding }),
  })
}

/** The client's type: the bytes are the JSON of a `T`, and a browser never shows a 304 to who asked. */
function typed<T>(response: Promise<Response>): Promise<Response & TypedResponse<T, 200, 'json'>> {
  return response as Promise<Response & TypedResponse<T, 200, 'json'>>
}

const brotliAsync = promisify(brotliCompress)
const gzipAsync = promisify(gzip)

function compress(encoding: Encoding, bytes: Buffer): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === 'gzip') return gzipAsync(bytes, { level: gzipLevel })
  return brotliAsync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
    },
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
