import type { FleetChange } from '#fleet'
import { pendingMax, putLast } from './pending.ts'
import type { Timers } from './timers.ts'

/** What waits for one reader, who takes it as fast as they can. */
export type Outbox = {
  /** Writes a shared chunk if nothing of its own has to go first; else false. */
  tryWrite(chunk: Uint8Array): boolean
  /** Writes at once, full or not. */
  write(text: string): void
  queue(changes: Iterable<readonly [string, FleetChange]>): void
  /** Instead of all that waits. */
  reset(): void
  /** Says once, as soon as there is room, that access requests are others than they were. */
  tellOfRequests(): void
  /** Writes what waits if there is room. */
  flush(): void
  /** Writes this where there is room and nothing else waits. */
  beat(text: () => string): void
  /** How long the reader has taken nothing. */
  stalledMs(): number
  clear(): void
}

const encoder = new TextEncoder()

type OutboxOptions = {
  controller: Pick<ReadableStreamDefaultController<Uint8Array>, 'desiredSize' | 'enqueue'>
  timers: Timers
  now: () => number
  /** How long changes are gathered. */
  gatheringMs: () => number
  /** Before changes are written: the reader's rights may have ended meanwhile. */
  renewRights: () => void
  /** What is said; of changes what the reader may see. */
  words: {
    changes: (changes: readonly [string, FleetChange][]) => Uint8Array
    reset: () => string
    requests: () => string
  }
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { controller, now, timers, words } = options
  const backlog = new Map<string, FleetChange>()
  let needsReset = false
  let hasRequestNews = false
  let ownFlush: unknown = null
  let stalledSince: number | null = null

  const isFull = () => (controller.desiredSize ?? 0) <= 0
  const write = (said: string | Uint8Array) => {
    const chunk = typeof said === 'string' ? encoder.encode(said) : said
    if (chunk.byteLength > 0) controller.enqueue(chunk)
  }
  const flush = () => {
    if (timers.hasEnded()) return
    if (isFull()) {
      stalledSince ??= now()
      return
    }
    stalledSince = null
    if (needsReset) {
      needsReset = false
      hasRequestNews = false
      backlog.clear()
      return write(words.reset())
    }
    if (hasRequestNews) {
      hasRequestNews = false
      write(words.requests())
    }
    if (backlog.size === 0) return
    options.renewRights()
    const changes = [...backlog]
    backlog.clear()
    write(words.changes(changes))
  }
  const scheduleFlush = () => {
    if (timers.hasEnded()) return
    ownFlush ??= timers.later(options.gatheringMs(), () => {
      ownFlush = null
      flush()
    })
  }
  const reset = () => {
    needsReset = true
    backlog.clear()
    scheduleFlush()
  }

  return {
    tryWrite: (chunk) => {
      if (needsReset || backlog.size > 0 || isFull()) return false
      stalledSince = null
      controller.enqueue(chunk)
      return true
    },
    write,
    queue: (changes) => {
      if (timers.hasEnded() || needsReset) return
      for (const [key, change] of changes) putLast(backlog, key, change)
      if (backlog.size > pendingMax) reset()
      else if (backlog.size > 0) scheduleFlush()
    },
    reset,
    tellOfRequests: () => {
      hasRequestNews = true
      scheduleFlush()
    },
    flush,
    beat: (text) => {
      if (isFull()) stalledSince ??= now()
      else if (backlog.size === 0 && !needsReset) write(text())
    },
    stalledMs: () => (stalledSince === null ? 0 : now() - stalledSince),
    clear: () => backlog.clear(),
  }
}
