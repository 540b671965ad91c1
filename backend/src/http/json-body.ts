import type { Context, MiddlewareHandler } from 'hono'
import { AppError } from '#errors'

/** The largest body any JSON route takes. */
export const bodyBytesMax = 1024 * 1024

const depthMax = 64

/**
 * Reads the body of unsafe requests once, bounded in bytes and depth, so that the routes find it parsed.
 * Throws `unsupported-media-type`, `body-too-large`, `invalid-json`.
 */
export function jsonBody(): MiddlewareHandler {
  return async (c, next) => {
    if (!['POST', 'PUT', 'PATCH'].includes(c.req.method)) return next()
    const declared = Number(c.req.header('content-length') ?? '0')
    if (declared > bodyBytesMax) throw bodyTooLarge()
    const text = await readText(c.req.raw.body)
    if (text === '') {
      // A route that wants a body says so itself.
      keepText(c, 'null')
      return next()
    }
    if (mediaTypeOf(c) !== 'application/json') {
      throw new AppError('unsupported-media-type', {
        detail: 'Send the body as JSON with the header "Content-Type: application/json".',
      })
    }
    checkJson(text)
    keepText(c, text)
    return next()
  }
}

/** The fields of a small form, bounded in bytes. Throws `unsupported-media-type`, `body-too-large`, `invalid-json`. */
export async function readForm(c: Context): Promise<URLSearchParams> {
  if (mediaTypeOf(c) !== 'application/x-www-form-urlencoded') {
    throw new AppError('unsupported-media-type', {
      detail: 'Send a form: "Content-Type: application/x-www-form-urlencoded".',
    })
  }
  return new URLSearchParams(await readText(c.req.raw.body))
}

function mediaTypeOf(c: Context): string {
  return (c.req.header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

// Hono's own cache of the body holds promises, whatever its type says.
function keepText(c: Context, text: string): void {
  ;(c.req.bodyCache as Record<string, unknown>)['text'] = Promise.resolve(text)
}

async function readText(stream: ReadableStream<Uint8Array> | null): Promise<string> {
  if (!stream) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > bodyBytesMax) throw bodyTooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new AppError('invalid-json', { detail: 'The body is not UTF-8 text.', cause })
  }
}

function checkJson(text: string): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/, ".*/s, '') : 'unreadable'
    throw new AppError('invalid-json', {
      detail: `The body is not valid JSON: ${reason}. Correct it and send it again.`,
      cause,
    })
  }
  if (depthOf(value) > depthMax) {
    throw new AppError('invalid-json', {
      detail: `The body is nested deeper than ${depthMax} levels.`,
    })
  }
}

function depthOf(value: unknown): number {
  let depth = 0
  let level: unknown[] = [value]
  while (level.length > 0 && depth <= depthMax) {
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    )
    if (level.length > 0) depth += 1
  }
  return depth
}

function bodyTooLarge(): AppError {
  return new AppError('body-too-large', {
    detail: `The body is larger than ${bodyBytesMax / 1024 / 1024} MiB, the most the hub takes.`,
  })
}
