import { createBoundedCache } from '#cache'
import type { Clock } from '#context'
import type { Database, Transaction } from '#db'
import { digestOf } from '#secrets'
import { addToWindows, findUsed } from './store.ts'

/** How many tokens of a day are used, by all replicas together. */
export type TokenWindows = {
  /** Whether some are left; what a call will use is known when it has ended. */
  hasLeft(owner: string, limit: number): Promise<boolean>
  use(owner: string, tokens: number): void
  /** Tells the others, as part of a transaction. */
  flush(tx: Transaction): Promise<void>
  /** So many since the last time that the others were told. */
  unflushed(): number
}

type Window = {
  id: string
  endsAt: Date
  /** Of all replicas, as it was read. */
  used: number
  readAt: number
  /** By this one, which the others do not know of. */
  pending: number
  reading: Promise<void> | null
}

const dayMs = 86_400_000
const windowsMax = 20_000
/** What was read is good for so long; for less where the limit is near. */
const readMs = { usual: 10_000, near: 1_000 }
const nearShare = 0.8

export function createTokenWindows({ db, now }: { db: Database; now: Clock }): TokenWindows {
  const windows = createBoundedCache<Window>({ entriesMax: windowsMax })
  /** Kept apart: what is not told yet must not be forgotten. */
  const pending = new Set<Window>()

  const find = (owner: string): Window => {
    const endsAt = new Date((Math.floor(now().getTime() / dayMs) + 1) * dayMs)
    const id = digestOf(`day ${endsAt.getTime()} ${owner}`)
    const known = windows.get(id)
    if (known) return known
    const window = { id, endsAt, used: 0, readAt: -Infinity, pending: 0, reading: null }
    windows.set(id, window)
    return window
  }
  const read = async (window: Window) => {
    const readAt = now().getTime()
    window.used = (await findUsed(db, [window.id])).get(window.id) ?? 0
    window.readAt = readAt
  }

  return {
    async hasLeft(owner, limit) {
      const window = find(owner)
      const isNear = window.used + window.pending > limit * nearShare
      const isOld = now().getTime() - window.readAt >= (isNear ? readMs.near : readMs.usual)
      // What is full stays so until its day ends.
      if (window.used >= limit) return false
      if (isOld) await (window.reading ??= read(window).finally(() => (window.reading = null)))
      return window.used + window.pending < limit
    },
    use: (owner, tokens) => {
      if (tokens === 0) return
      const window = find(owner)
      window.pending += tokens
      pending.add(window)
    },
    async flush(tx) {
      const told = [...pending].map((window) => ({ window, used: window.pending }))
      const sums = await addToWindows(
        tx,
        told.map(({ used, window: { endsAt, id } }) => ({ id, endsAt, used })),
      )
      tx.afterCommit(() => {
        for (const { used, window } of told) {
          window.used = sums.get(window.id)!
          window.pending -= used
          if (window.pending === 0) pending.delete(window)
        }
      })
    },
    unflushed: () => pending.size,
  }
}
