import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import { digestOf, type SealedText } from '#secrets'
import { holdKey, holdMs, type HeldKey } from './hold-key.ts'
import { digestValue } from './key.ts'
import { findKey, insertKey, takeKey, type KeyRow } from './store.ts'

/** Who asks for what by which key. */
export type Asked = { operation: string; key: string; input: unknown }

export type Keys = {
  /**
   * The key, held for this request; or what was answered to an earlier one. Throws `idempotency-key-reused` where it
   * named something else, `idempotency-key-in-use` while that runs, and what the database says.
   */
  take(
    ctx: RequestContext,
    asked: Asked,
  ): Promise<{ held: HeldKey } | { status: number; text: string }>
}

const keptMs = 24 * 60 * 60_000
const triesMax = 20
const retryAfterSeconds = 2

/** Keys are hashed, and what was asked and answered is sealed. */
export function createKeys(sealed: SealedText): Keys {
  const take: Keys['take'] = async (ctx, asked) => {
    const id = digestOf(JSON.stringify([describeActor(ctx.actor), asked.operation, asked.key]))
    const digest = digestValue(asked.input)
    const now = ctx.now()
    const fresh: KeyRow = {
      id,
      requestIds: [ctx.requestId],
      askedSealed: await sealed.seal(digest),
      doneSealed: null,
      status: null,
      heldUntil: new Date(now.getTime() + holdMs),
      createdAt: now,
      expiresAt: new Date(now.getTime() + keptMs),
    }
    const found = await findKey(ctx.db, id)
    if (!found || found.expiresAt <= now) {
      const isOurs = await ctx.db.transaction((tx) =>
        found ? takeKey(tx, fresh, found) : insertKey(tx, fresh),
      )
      if (!isOurs) throw inUse()
      return { held: holdKey(ctx, sealed, { row: fresh, earlier: [], done: new Map() }) }
    }
    if ((await sealed.open(found.askedSealed)) !== digest) throw reused()
    const done = found.doneSealed === null ? null : await sealed.open(found.doneSealed)
    if (found.status !== null && done !== null) return { status: found.status, text: done }
    if (found.heldUntil > now) throw inUse()
    const { requestIds: earlier } = found
    const again = {
      ...found,
      requestIds: [...earlier.slice(0, triesMax - 1), ctx.requestId],
      heldUntil: fresh.heldUntil,
    }
    if (!(await ctx.db.transaction((tx) => takeKey(tx, again, found)))) throw inUse()
    const known = new Map(done === null ? [] : (JSON.parse(done) as [string, unknown][]))
    return { held: holdKey(ctx, sealed, { row: again, earlier, done: known }) }
  }
  return { take }
}

function reused(): AppError {
  return new AppError('idempotency-key-reused', {
    detail:
      'This Idempotency-Key was sent with another request in the last 24 hours. Send a new key for a new request, and the same body with the same key.',
  })
}

function inUse(): AppError {
  return new AppError('idempotency-key-in-use', {
    detail:
      'The request with this Idempotency-Key is still running. Send it again in a moment for its answer.',
    retryAfterSeconds,
  })
}
