import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

export const encodings = ['br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** A body that is JSON text of a `T` already; its ETag and its compressed forms are made at most once. */
export type KeptJson<T> = {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Weak, since compressed forms share it. */
  etag(): string
  compressed(encoding: Encoding): Promise<Uint8Array<ArrayBuffer>>
  /** Never set: it holds the type. */
  readonly value?: T
}

/** About as fast as gzip's fastest, and smaller. */
const brotliQuality = 4
const gzipLevel = 3

export function keepJson<T>(text: string): KeptJson<T> {
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
