import type { RequestContext } from '#context'
import type { SealedText } from '#secrets'
import type { Repeat } from './repeat.ts'
import { deleteHeldKey, updateHeldKey, type KeyRow } from './store.ts'

/** A request that is gone without a word is waited for so long. */
export const holdMs = 60_000
const renewEveryMs = 20_000

export type HeldKey = Repeat & {
  /** Keeps what is answered to every repetition. Throws what the database says. */
  keepAnswer(status: number, text: string): Promise<void>
  /** Nothing came of it, so nothing is to be remembered. Never throws. */
  forget(): Promise<void>
}

type Held = { row: KeyRow; earlier: readonly string[]; done: ReadonlyMap<string, unknown> }

/** Keeps a key for the request that runs, until it is released, answered or forgotten. */
export function holdKey(
  ctx: Pick<RequestContext, 'db' | 'log' | 'now'>,
  sealed: SealedText,
  { done: doneBefore, earlier, row }: Held,
): HeldKey {
  const { db, log, now } = ctx
  let { heldUntil } = row
  let isOver = false
  const done = new Map(doneBefore)
  /** One change after another: each names the row by what the one before wrote. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  const write = (set: Parameters<typeof updateHeldKey>[2]) =>
    inTurn(async () => {
      const isHeld = await db.transaction((tx) => updateHeldKey(tx, { id: row.id, heldUntil }, set))
      if (isHeld && set.heldUntil) ({ heldUntil } = set as { heldUntil: Date })
      return isHeld
    })

  const timer = setInterval(() => {
    write({ heldUntil: new Date(now().getTime() + holdMs) }).catch((error: unknown) => {
      log.warn({ error }, 'an idempotency key could not be held on to; another try may begin')
    })
  }, renewEveryMs)
  timer.unref()

  const end = async (work: () => Promise<unknown>) => {
    if (isOver) return
    isOver = true
    clearInterval(timer)
    await work().catch((error: unknown) => {
      log.warn({ error }, 'an idempotency key could not be let go; it is in use for a minute')
    })
  }

  return {
    earlier,
    done,
    keep: (name, outcome) => {
      done.set(name, outcome)
      return inTurn(async () => {
        const doneSealed = await sealed.seal(JSON.stringify([...done]))
        await db.transaction((tx) => updateHeldKey(tx, { id: row.id, heldUntil }, { doneSealed }))
      })
    },
    keepAnswer: async (status, text) => {
      isOver = true
      clearInterval(timer)
      await write({ status, doneSealed: await sealed.seal(text) })
    },
    release: () => end(() => write({ heldUntil: now() })),
    forget: () =>
      end(() => inTurn(() => db.transaction((tx) => deleteHeldKey(tx, { id: row.id, heldUntil })))),
  }
}
