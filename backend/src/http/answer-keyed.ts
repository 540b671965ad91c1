import type { Context } from 'hono'
import type { RequestContext } from '#context'
import {
  isByteStream,
  runOnce,
  unwrap,
  type BoundOperation,
  type Input,
  type InputSchemas,
  type Keys,
  type Repeat,
} from '#operation'
import type { HubEnv } from './hub-env.ts'

type Parts = Input<InputSchemas>

export type Keyed = {
  operation: BoundOperation
  parts: Parts
  key: string
  /** What the operation itself would decide, for an answer of before. */
  authorize: (ctx: RequestContext) => void
  /** What the operation answers to this. */
  run: (parts: Parts) => Promise<unknown>
  /** As the output's kind promises what was returned. */
  answer: (result: unknown) => Response | Promise<Response>
}

/** What names the request, where it is one that changes something. */
export function keyOf({ repeats }: BoundOperation, { header, query }: Parts): string | null {
  const isDryRun = (query as { dryRun?: unknown } | undefined)?.dryRun === 'All'
  if (repeats === undefined || isDryRun) return null
  return (header as { 'idempotency-key'?: string } | undefined)?.['idempotency-key'] ?? null
}

/** Answers a request that may have been sent before, as its operation `repeats`. */
export async function answerKeyed(
  c: Context<HubEnv>,
  keys: Keys | null,
  keyed: Keyed,
): Promise<Response> {
  const { key, operation, parts } = keyed
  // Only a hub that has none was put together wrongly.
  if (!keys) throw new Error(`${operation.id} takes a key, and there is nothing to keep it in`)
  const { body, path, query } = parts
  const asked = { operation: operation.id, key, input: { path, query, body } }
  const ctx = c.get('ctx')
  if (operation.repeats === 'rest') return answerRest(keyed, await keys.take(ctx, asked))
  const { isRepeated, status, text } = await runOnce(ctx, keys, asked, {
    // What was answered then is for whoever may still ask for it.
    authorize: () => keyed.authorize(ctx),
    run: async (repeat) => {
      const { isNew, value } = unwrap(await keyed.run({ ...parts, repeat }))
      return { status: isNew ? 201 : operation.http.status, text: JSON.stringify(value) }
    },
  })
  return c.body(text, status as 200, {
    'content-type': 'application/json',
    ...(isRepeated && { 'idempotency-replayed': 'true' }),
  })
}

/** Runs it for what is not done; a stream says by itself when it ends. */
async function answerRest(
  { answer, parts, run }: Keyed,
  taken: Awaited<ReturnType<Keys['take']>>,
): Promise<Response> {
  if (!('held' in taken)) throw new Error('What answers the rest keeps no whole answer.')
  const repeat: Repeat = taken.held
  let isGoingOn = false
  try {
    const result = await run({ ...parts, repeat })
    isGoingOn = isByteStream(result)
    return await answer(result)
  } finally {
    if (!isGoingOn) await repeat.release()
  }
}
