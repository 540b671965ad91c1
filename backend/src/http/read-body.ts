import type { Context } from 'hono'
import { AppError } from '#errors'
import { readStrict, YamlFault } from '#yaml'

/** The largest body any JSON route takes. */
export const bodyBytesMax = 1024 * 1024

const depthMax = 64

/** Lines, keys and items of YAML. */
const piecesMax = 50_000

/**
 * The body of an unsafe request, bounded in bytes and depth; null where JSON was announced and nothing came. Throws
 * `unsupported-media-type`, `body-too-large`, `invalid-json`, and of YAML `invalid-request`.
 */
export async function readBody(
  c: Context,
  { takesYaml = false }: { takesYaml?: boolean } = {},
): Promise<unknown> {
  if (!['POST', 'PUT', 'PATCH'].includes(c.req.method)) return undefined
  const text = await readText(c)
  // An operation that wants a body says so itself.
  if (text === '') return isJson(c) ? null : {}
  if (takesYaml && isYaml(c)) return parseYaml(text)
  if (!isJson(c)) {
    const orYaml = takesYaml ? ', or as YAML with "Content-Type: application/yaml"' : ''
    throw new AppError('unsupported-media-type', {
      detail: `Send the body as JSON with the header "Content-Type: application/json"${orYaml}.`,
    })
  }
  return parseJson(text)
}

/** The fields of a small form, bounded in bytes. Throws `unsupported-media-type`, `body-too-large`, `invalid-json`. */
export async function readForm(c: Context): Promise<URLSearchParams> {
  if (mediaTypeOf(c) !== 'application/x-www-form-urlencoded') {
    throw new AppError('unsupported-media-type', {
      detail: 'Send a form: "Content-Type: application/x-www-form-urlencoded".',
    })
  }
  return new URLSearchParams(await readText(c))
}

function mediaTypeOf(c: Context): string {
  return (c.req.header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

function isJson(c: Context): boolean {
  const type = mediaTypeOf(c)
  // A patch is one, whatever it is called (RFC 7396).
  const isPatch = c.req.method === 'PATCH' && type === 'application/merge-patch+json'
  return type === 'application/json' || isPatch
}

/** RFC 9512, and the names before it. */
function isYaml(c: Context): boolean {
  return ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'].includes(
    mediaTypeOf(c),
  )
}

function parseYaml(text: string): unknown {
  try {
    return readStrict(text, { depthMax, piecesMax })
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error
    const where = error.line === null ? '' : ` (line ${error.line})`
    throw new AppError('invalid-request', {
      detail: `The body ${error.message}${where}. Correct it and send it again.`,
    })
  }
}

/** All of a body, as long as it has no more bytes than this. Throws `body-too-large`, `invalid-request`. */
export async function readBytes(c: Context, bytesMax: number): Promise<Buffer> {
  const announced = Number(c.req.header('content-length') ?? Number.NaN)
  if (announced > bytesMax) throw bodyTooLarge(bytesMax)
  try {
    // No more can come than was announced (RFC 9112 §6.2), and all at once costs a third of a stream.
    if (announced <= bytesMax) return Buffer.from(await c.req.raw.arrayBuffer())
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of c.req.raw.body ?? []) {
      size += chunk.byteLength
      if (size > bytesMax) throw bodyTooLarge(bytesMax)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    // Its sender left before the end (RFC 9112 §8), which is no failure of the hub's.
    throw new AppError('invalid-request', { detail: 'The body ended too early.', cause })
  }
}

async function readText(c: Context): Promise<string> {
  const bytes = await readBytes(c, bodyBytesMax)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new AppError('invalid-json', { detail: 'The body is not UTF-8 text.', cause })
  }
}

function parseJson(text: string): unknown {
  if (isDeeper(text, depthMax)) {
    throw new AppError('invalid-json', {
      detail: `The body is nested deeper than ${depthMax} levels.`,
    })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/, ".*/s, '') : 'unreadable'
    throw new AppError('invalid-json', {
      detail: `The body is not valid JSON: ${reason}. Correct it and send it again.`,
      cause,
    })
  }
}

/** Counts brackets outside of strings: before anything is made of them. */
function isDeeper(text: string, levels: number): boolean {
  let depth = 0
  let isInString = false
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case 0x22:
        isInString = !isInString
        break
      case 0x5c:
        // What is escaped ends no string.
        index += 1
        break
      case 0x5b:
      case 0x7b:
        if (isInString) break
        depth += 1
        if (depth > levels) return true
        break
      case 0x5d:
      case 0x7d:
        if (!isInString) depth -= 1
    }
  }
  return false
}

function bodyTooLarge(bytesMax: number): AppError {
  return new AppError('body-too-large', {
    detail: `The body is larger than ${bytesMax / 1024 / 1024} MiB, the most the hub takes.`,
  })
}
