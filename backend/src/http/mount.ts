import type { Context, Hono, MiddlewareHandler } from 'hono'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import {
  isByteStream,
  isEither,
  isKept,
  isStream,
  unwrap,
  type BoundOperation,
  type ByteStream,
  type Input,
  type InputSchemas,
  type KeptJson,
  type Keys,
  type OtherInput,
  type StreamOutput,
} from '#operation'
import { authorize, hubWide } from '#rbac'
import { answerKept } from './answer-kept.ts'
import { answerKeyed, keyOf } from './answer-keyed.ts'
import type { Door } from './door.ts'
import type { HubEnv } from './hub-env.ts'
import type { BoundPage } from './define-page.ts'
import { readBody } from './read-body.ts'
import { createInputReader } from './read-input.ts'

/** Offers operations over HTTP: each behind the door, its input read by its schemas, its result as it declares it. */
export function mountOperations(
  app: Hono<HubEnv>,
  operations: readonly BoundOperation[],
  door: Door,
  keys: Keys | null = null,
  /** Where the stream of the caller stands. */
  positionOf: ((ctx: RequestContext) => string) | null = null,
): void {
  for (const operation of operations) {
    const { http, input, otherBody, output, policy, tellsPosition } = operation
    const read = createInputReader(input)
    app.on([http.method.toUpperCase()], [http.path], ...door(operation), async (c) => {
      const ctx = c.get('ctx')
      if (tellsPosition && positionOf) c.header('stream-position', positionOf(ctx))
      const sent = await readBody(c, { takesYaml: otherBody !== undefined })
      const other = otherBody?.is(sent) ? otherBody : null
      const parts = await pointInto(other, () =>
        read(c, other ? other.read(sent, c.req.param()) : sent),
      )
      if (c.req.method === 'HEAD' && isStream(output) && output.isEndless) {
        authorizeByPolicy(ctx, policy, parts)
        return answerStream(c, { type: typeOf(output), body: null })
      }
      if (isEither(output)) parts.wantsEvents = isAccepted(c, output.events.type)
      const run = (whole: typeof parts) => pointInto(other, async () => operation.run(ctx, whole))
      const key = keyOf(operation, parts)
      if (key === null) return answer(c, operation, parts, await run(parts))
      return answerKeyed(c, keys, {
        operation,
        parts,
        key,
        authorize: () => authorizeByPolicy(ctx, policy, parts),
        run,
        answer: (result) => answer(c, operation, parts, result),
      })
    })
  }
}

/** RFC 9110 §12.5.1, where JSON is answered to whoever does not name the other type. */
function isAccepted(c: Context, type: string): boolean {
  return (c.req.header('accept') ?? '')
    .toLowerCase()
    .split(',')
    .some((each) => each.split(';')[0]!.trim() === type)
}

/** Names fields where they are in what was sent. */
async function pointInto<T>(other: OtherInput | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (other === null || !(error instanceof AppError) || !error.errors) throw error
    const errors = error.errors.map(({ detail, pointer }) => ({
      pointer: other.toPointer(pointer),
      detail,
    }))
    throw error.withErrors(errors)
  }
}

/** Pages answer by themselves. */
export function mountPages(app: Hono<HubEnv>, pages: readonly BoundPage[], door: Door): void {
  for (const page of pages) {
    const { method, path } = page.http
    app.on([method.toUpperCase()], [path], ...answerErrorsOf(page), ...door(page), (c) =>
      page.handle(c),
    )
  }
}

/** For whatever is thrown behind it. */
function answerErrorsOf({ answerError }: BoundPage): MiddlewareHandler<HubEnv>[] {
  if (!answerError) return []
  return [
    (c, next) => {
      c.set('answerError', answerError)
      return next()
    },
  ]
}

/** What the operation itself would decide, where it is not called. */
function authorizeByPolicy(
  ctx: RequestContext,
  policy: BoundOperation['policy'],
  { path = {} }: Input<InputSchemas>,
): void {
  if (typeof policy !== 'object') return
  const { instance = null, namespace = null } = path as Record<string, string | undefined>
  authorize(ctx, policy.permission, policy.scope === 'hub' ? hubWide : { instance, namespace })
}

function isDryRun(query: unknown): boolean {
  return (query as { dryRun?: unknown } | undefined)?.dryRun === 'All'
}

/** As the output's kind promises what `run` returned. */
function answer(
  c: Context<HubEnv>,
  { hasVersion, http, output }: BoundOperation,
  { query }: Input<InputSchemas>,
  result: unknown,
): Response | Promise<Response> {
  if (output === null) return c.body(null, http.status as 204)
  if (isKept(output)) return answerKept(c, result as KeptJson<unknown>)
  if (isStream(output)) return answerStream(c, result as ByteStream)
  if (isEither(output) && isByteStream(result)) return answerStream(c, result)
  const { isNew, value } = unwrap(result)
  if (hasVersion && !isDryRun(query))
    c.header('etag', `"${(value as { version: string }).version}"`)
  return c.json(value as object, (isNew ? 201 : isDryRun(query) ? 200 : http.status) as 200)
}

function answerStream(
  c: Context<HubEnv>,
  { body, fileName, type }: Omit<ByteStream, 'body'> & { body: ByteStream['body'] | null },
): Response {
  return c.body(body as ReadableStream, 200, {
    'content-type': type,
    // Nothing on the way may keep or repack it; proxies of the nginx family would hold it back.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    ...(fileName !== undefined && {
      'content-disposition': `attachment; filename="${fileName}"`,
    }),
  })
}

function typeOf({ stream }: StreamOutput): string {
  return [stream].flat()[0]!.type
}
