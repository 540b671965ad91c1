import type { Line } from './deliver-lines.ts'
import { readLines, type LineBatch } from './read-lines.ts'
import type { ReaderBudget } from './reader-budget.ts'

/** Where a followed log begins: so many lines before now, at a time, or where the container began. */
export type LogStart = { tailLines?: number; sinceTime?: string }

type Joining = {
  /** Whose log it is and as whom it is read: readers with the same key may read the same. */
  key: string
  start: LogStart
  /** Asks the cluster for it. */
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>
  budget: ReaderBudget
  /** The reader's end. */
  signal: AbortSignal
}

/** Followed logs, each read from its cluster once for all who read the same. */
export type SharedLogs = {
  /**
   * The lines of a log from its start on, until it ends. Fails as opening or reading it fails. A reader who is slower
   * than another loses lines, and is told how many; where all are slow, the cluster waits.
   */
  join(joining: Joining): Promise<AsyncIterable<LineBatch>>
}

/** Of what was read last, for readers who come later. */
const keptBytes = 128 * 1024

export function createSharedLogs(): SharedLogs {
  const sources = new Map<string, Source>()
  return {
    join: async ({ budget, key, open, signal, start }) => {
      const running = sources.get(key)
      const past = running?.pastFrom(start) ?? null
      if (running && past !== null) return running.subscribe(past, budget, signal)
      const source = createSource(start, open, () => {
        if (sources.get(key) === source) sources.delete(key)
      })
      // One that began elsewhere goes on for those who read it.
      if (!running) sources.set(key, source)
      return source.subscribe([], budget, signal)
    },
  }
}

type Source = ReturnType<typeof createSource>

function createSource(
  start: LogStart,
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>,
  onEnd: () => void,
) {
  const over = new AbortController()
  const subscribers = new Set<Subscriber>()
  const past = createPast(start)
  let ended: { error: unknown } | null = null
  let wake = () => {}

  /** Resolves when somebody has room, or somebody else reads. */
  const room = () =>
    new Promise<void>((resolve) => {
      wake = resolve
      for (const { budget } of subscribers) budget.onRoom(resolve)
    })
  const isStuck = () =>
    subscribers.size > 0 && [...subscribers].every(({ budget }) => budget.isFull)

  const end = (error: unknown) => {
    ended = { error }
    onEnd()
    for (const { end: tell } of subscribers) tell(error)
  }
  const opened = open(over.signal)
  opened
    .then(async (body) => {
      for await (const batch of readLines(body)) {
        if (batch.type !== 'lines') continue
        past.keep(batch.lines)
        for (const { push } of subscribers) push(batch.lines)
        while (isStuck()) await room()
      }
      end(null)
    })
    .catch(end)

  return {
    pastFrom: (wanted: LogStart) => (ended === null ? past.from(wanted) : null),
    subscribe: async (
      first: readonly Line[],
      budget: ReaderBudget,
      signal: AbortSignal,
    ): Promise<AsyncIterable<LineBatch>> => {
      const subscriber = createSubscriber(budget)
      const leave = () => {
        signal.removeEventListener('abort', leave)
        subscribers.delete(subscriber)
        subscriber.leave()
        wake()
        if (subscribers.size > 0) return
        onEnd()
        over.abort()
      }
      subscribers.add(subscriber)
      signal.addEventListener('abort', leave)
      if (signal.aborted) leave()
      if (first.length > 0) subscriber.push(first)
      if (ended !== null) subscriber.end(ended.error)
      wake()
      try {
        await opened
      } catch (error) {
        leave()
        throw error
      }
      return subscriber.read(leave)
    },
  }
}

/** What a source has read last, as far as it is kept. */
function createPast(start: LogStart) {
  const batches: (readonly Line[])[] = []
  let bytes = 0
  let isWhole = true

  return {
    keep: (lines: readonly Line[]) => {
      // A list of its own: what is written of the readers' goes when they have it.
      batches.push([...lines])
      bytes += sizeOf(lines)
      while (bytes > keptBytes) {
        bytes -= sizeOf(batches.shift()!)
        isWhole = false
      }
    },
    /** The lines that a reader has to be given first; null where these are not all there. */
    from: (wanted: LogStart): readonly Line[] | null => {
      const lines = batches.flat()
      const { sinceTime, tailLines } = wanted
      if (tailLines !== undefined && lines.length >= tailLines) {
        return lines.slice(lines.length - tailLines)
      }
      if (isWhole && isSame(wanted, start)) return lines
      if (sinceTime === undefined) return null
      const from = isWhole ? start.sinceTime : lines[0]?.at
      // The first lines of a second may be some that are not kept any more.
      return from && Date.parse(from) <= Date.parse(sinceTime) - 1_000 ? lines : null
    },
  }
}

type Subscriber = ReturnType<typeof createSubscriber>

/** One reader of a source: what waits for it is bounded by its budget. */
function createSubscriber(budget: ReaderBudget) {
  const waiting: { batch: LineBatch; bytes: number }[] = []
  let ended: { error: unknown } | null = null
  let wake = () => {}

  const drop = (lines: number, bytes: number) => {
    const last = waiting.at(-1)?.batch
    if (last?.type === 'dropped') {
      last.lines += lines
      last.bytes += bytes
    } else waiting.push({ batch: { type: 'dropped', lines, bytes }, bytes: 0 })
  }
  async function* read(leave: () => void): AsyncGenerator<LineBatch> {
    try {
      for (;;) {
        const next = waiting.shift()
        if (next !== undefined) {
          yield next.batch
          budget.give(next.bytes)
        } else if (ended !== null) {
          if (ended.error !== null) throw ended.error
          return
        } else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      leave()
    }
  }
  return {
    budget,
    read,
    push: (lines: readonly Line[]) => {
      const bytes = sizeOf(lines)
      if (budget.take(bytes)) waiting.push({ batch: { type: 'lines', lines }, bytes })
      else drop(lines.length, bytes)
      wake()
    },
    end: (error: unknown) => {
      ended ??= { error }
      wake()
    },
    leave: () => {
      ended ??= { error: null }
      for (const { bytes } of waiting.splice(0)) budget.give(bytes)
      wake()
    },
  }
}

function isSame(one: LogStart, other: LogStart): boolean {
  return one.tailLines === other.tailLines && one.sinceTime === other.sinceTime
}

function sizeOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { text }) => sum + text.length, 0)
}
