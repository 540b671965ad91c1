import { setTimeout as delay } from 'node:timers/promises'
import { BatchAnswer, batchMax } from '@hub/shared'
import type { Context } from 'hono'
import { createBoundedCache } from '#cache'
import { AppError } from '#errors'
import { isEither, isStream, keepJson, type BoundOperation, type KeptJson } from '#operation'
import { answerKept } from './answer-kept.ts'
import { definePage } from './define-page.ts'
import type { HubEnv } from './hub-env.ts'
import { presentProblem } from './problem.ts'

/** Asks the whole of the hub, as a request of its own would. */
type Ask = (request: Request, env: object) => Response | Promise<Response>

/** Several reads as one, each behind the same door as alone. */
export type Batch = { answer(c: Context<HubEnv>, paths: readonly string[]): Promise<Response> }

/** A read that takes longer does not hold up those beside it. */
const patienceMs = 2_000

/** What compresses what is sent again. */
const kept = { entriesMax: 100, bytesMax: 16 * 2 ** 20 }

/** How it is packed and whether it is there already is asked of the whole, and not of its parts. */
const notPassedOn = ['accept-encoding', 'if-none-match', 'if-modified-since', 'range']

export function createBatch(
  operations: readonly BoundOperation[],
  ask: Ask,
  readMsMax = patienceMs,
): Batch {
  const patterns = operations.filter(isJsonRead).map(({ http }) => toPattern(http.path))
  const bodies = createBoundedCache<KeptJson<BatchAnswer>>(kept)

  const read = async (c: Context, path: string, signal: AbortSignal): Promise<string> => {
    const headers = new Headers(c.req.raw.headers)
    for (const name of notPassedOn) headers.delete(name)
    const response = await ask(new Request(new URL(path, c.req.url), { headers, signal }), c.env)
    return writeAnswer(response.status, await response.text())
  }

  const readInTime = async (c: Context<HubEnv>, path: string): Promise<string> => {
    const ending = new AbortController()
    const { signal } = ending
    const tooLong = delay(readMsMax, null, { signal }).then(() => {
      const problem = presentProblem(takesLong(), { path, requestId: c.get('ctx').requestId })
      return writeAnswer(problem.status, JSON.stringify(problem))
    })
    const answer = read(c, path, AbortSignal.any([signal, c.req.raw.signal]))
    return await Promise.race([answer, tooLong]).finally(() => ending.abort())
  }

  return {
    async answer(c, paths) {
      const allowed = paths.map((path) => toAllowed(path, patterns))
      const answers = await Promise.all(allowed.map((path) => readInTime(c, path)))
      const made = keepJson<BatchAnswer>(`{"answers":[${answers.join(',')}]}`)
      // The same again has been compressed before.
      const known = bodies.get(made.etag()) ?? made
      bodies.set(made.etag(), known, known.bytes.byteLength * 2)
      return answerKept(c, known)
    },
  }
}

export const batchPages = [
  definePage({
    id: 'readBatch',
    tag: 'Hub',
    summary: 'Several reads in one request',
    description: `Each is answered as it would be alone, by the same rules and with its own status: one that fails fails alone. What answers JSON can be read so, up to ${batchMax} at once, with an \`ETag\` of the whole. What takes longer than two seconds is answered with the problem \`unavailable\`, and is better read alone.`,
    policy: 'signed-in',
    effect: 'read',
    // Each of what it reads is one.
    countsCalls: true,
    reads: {
      query: {
        get: 'What to read, as a path of this API with its query: `/api/instances`. Given once for each.',
      },
    },
    answers: { 200: BatchAnswer, 304: null },
    problems: ['invalid-request'],
    http: { method: 'get', path: '/api/batch' },
    handle: (c, { batch }: { batch: Batch }) => batch.answer(c, readPaths(c)),
  }),
] as const

function writeAnswer(status: number, json: string): string {
  return `{"status":${status},"body":${json}}`
}

function takesLong(): AppError {
  const detail = 'This takes longer than what is read beside it. Read it alone.'
  return new AppError('unavailable', { detail })
}

function readPaths(c: Context): string[] {
  const paths = c.req.queries('get') ?? []
  if (paths.length > 0 && paths.length <= batchMax) return paths
  throw refuse(`must be given once for each read, 1 to ${batchMax} times`)
}

function isJsonRead({ effect, http, output }: BoundOperation): boolean {
  if (effect !== 'read' || http.method !== 'get' || output === null) return false
  return !isStream(output) && !isEither(output)
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`)
}

/** The path as it will be asked: what is allowed is decided after dots are resolved. */
function toAllowed(path: string, patterns: readonly RegExp[]): string {
  const base = 'http://hub'
  const url = path.startsWith('/') && URL.canParse(path, base) ? new URL(path, base) : null
  if (url?.origin === base && patterns.some((pattern) => pattern.test(url.pathname))) {
    return url.pathname + url.search
  }
  throw refuse(`must be paths of this API that answer JSON: ${path.slice(0, 200)} is none`)
}

function refuse(detail: string): AppError {
  const errors = [{ pointer: '?get', detail }]
  return new AppError('invalid-request', { detail: `"get" ${detail}.`, errors })
}
