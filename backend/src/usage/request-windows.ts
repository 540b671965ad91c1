import { createBoundedCache } from '#cache'
import type { Clock } from '#context'
import type { Database } from '#db'
import { digestOf } from '#secrets'
import { findUsed, takeOfWindow } from './store.ts'

/** How many requests a minute are left, of all replicas together. */
export type RequestWindows = {
  /** Takes one, or answers null where none is left in this minute. The result gives it back. */
  take(owner: string, limit: number): Promise<(() => void) | null>
}

/** Taken and not used yet: what calls are let in by without asking the database. */
type Window = { endsAt: number; spare: number; isFull: boolean; asking: Promise<void> | null }

const minuteMs = 60_000
const windowsMax = 20_000
/** What a replica takes at once, of the limit: as much as it may leave unused. */
const shareOf = 50

/**
 * Each replica takes its requests from the database's count in shares of 2 % of the limit, so that all together never let
 * in more than it, and at most that much less for each other replica.
 */
export function createRequestWindows({ db, now }: { db: Database; now: Clock }): RequestWindows {
  const windows = createBoundedCache<Window>({ entriesMax: windowsMax })

  const find = (owner: string, limit: number) => {
    const startsAt = Math.floor(now().getTime() / minuteMs) * minuteMs
    const endsAt = startsAt + minuteMs
    const key = `${limit} ${owner}`
    const known = windows.get(key)
    if (known?.endsAt === endsAt) return known
    const window = { endsAt, spare: 0, isFull: false, asking: null }
    windows.set(key, window)
    return window
  }
  const ask = async (window: Window, owner: string, limit: number) => {
    const id = digestOf(`minute ${window.endsAt} ${owner}`)
    const taken = await takeShare(db, { id, endsAt: new Date(window.endsAt) }, limit)
    window.spare += taken
    window.isFull = taken === 0
  }

  return {
    async take(owner, limit) {
      const window = find(owner, limit)
      while (window.spare === 0) {
        if (window.isFull) return null
        // Many that come at once wait for one answer.
        window.asking ??= ask(window, owner, limit).finally(() => (window.asking = null))
        await window.asking
      }
      window.spare -= 1
      return () => void (window.spare += 1)
    },
  }
}

/** As much of a share as is left: none where nothing is. */
async function takeShare(
  db: Database,
  key: { id: string; endsAt: Date },
  limit: number,
): Promise<number> {
  return db.transaction(async (tx) => {
    let share = Math.max(1, Math.floor(limit / shareOf))
    while (share > 0) {
      if (await takeOfWindow(tx, key, { limit, share })) return share
      const left = limit - ((await findUsed(tx, [key.id])).get(key.id) ?? 0)
      // Others took some since, or all of it is taken.
      share = Math.min(left, share - 1)
    }
    return 0
  })
}
