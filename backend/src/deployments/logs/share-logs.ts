import type { Intake, Timing } from '#kube'
import { createTurns, type Run } from './gather-turns.ts'
import { createPast, type LogStart, type Past } from './keep-past.ts'
import { readLines, toBatch, type Line, type LineBatch } from './read-lines.ts'
import { createLineSplitter } from './split-lines.ts'

/** Where the lines of a log go. */
export type LineTaker = {
  /** Called when the cluster has begun to answer, before the first lines. */
  onOpen(): void
  take(batch: LineBatch): void
}

/** How much more a reader can take, of all the logs it reads together. */
export type ReaderRoom = {
  isFull(): boolean
  /** Calls back once when there is room again, however often it was asked to. */
  onRoom(listener: () => void): void
}

type Reading = LineTaker & {
  /** Whose log it is and as whom it is read: readers with the same key may read the same. Null where nobody else may. */
  key: string | null
  start: LogStart
  /** Asks the cluster for it. */
  open: (signal: AbortSignal) => Promise<Intake>
  room: ReaderRoom
  /** The reader's end. */
  signal: AbortSignal
}

/** Logs, each read from its cluster once for all who read the same. */
export type SharedLogs = {
  /**
   * Resolves when the log has ended or its reader has; fails as opening or reading it fails. Lines are handed on whether
   * or not this reader has room; where nobody who reads them has, the cluster waits.
   */
  read(reading: Reading): Promise<void>
}

export function createSharedLogs(timing: Timing): SharedLogs {
  const sources = new Map<string, Source>()
  const takeTurn = createTurns(timing)
  return {
    read: ({ key, open, signal, start, ...reader }) => {
      const running = key === null ? undefined : sources.get(key)
      const first = running?.pastFrom(start) ?? null
      if (running && first !== null) return running.read(reader, first, signal)
      // One that began elsewhere goes on for those who read it.
      if (key === null || running) {
        const alone = createSource({ open, past: null, takeTurn, onEnd: () => {} })
        return alone.read(reader, [], signal)
      }
      const onEnd = () => {
        if (sources.get(key) === source) sources.delete(key)
      }
      const source = createSource({ open, past: createPast(start), takeTurn, onEnd })
      sources.set(key, source)
      return source.read(reader, [], signal)
    },
  }
}

type Source = ReturnType<typeof createSource>
type Reader = Pick<Reading, keyof LineTaker | 'room'>

function createSource({
  onEnd,
  open,
  past,
  takeTurn,
}: Pick<Reading, 'open'> & {
  /** For who joins it later. */
  past: Past | null
  takeTurn: (run: Run) => void
  onEnd: () => void
}) {
  const over = new AbortController()
  const splitter = createLineSplitter()
  const readers = createReaders(() => {
    if (readers.count() > 0) return becomeDue()
    onEnd()
    over.abort()
  })
  let takeChunk: ReturnType<Intake> | null = null
  let ended: { error: unknown } | null = null

  const pass = (text: string) => {
    if (text === '') return
    past?.keep(text)
    readers.take(toBatch(readLines(text)))
  }
  const handOn = (): number => {
    if (readers.count() === 0) return 0
    if (readers.areFull()) {
      readers.onRoom(becomeDue)
      return 0
    }
    const chunk = takeChunk?.() ?? null
    if (chunk !== null) {
      pass(splitter.push(chunk))
      return chunk.byteLength
    }
    if (ended === null) return 0
    // A line that broke off comes again, whole, where the log is opened again.
    if (ended.error === null) pass(splitter.end())
    readers.end(ended.error)
    return 0
  }
  const run = (): number => {
    try {
      return handOn()
    } catch (error) {
      // Nobody waits for a turn who could be told.
      readers.end(error)
      return 0
    }
  }
  const becomeDue = () => takeTurn(run)
  const end = (error: unknown) => {
    ended ??= { error }
    onEnd()
    let left = run()
    while (left > 0) left = run()
  }

  open(over.signal)
    .then((intake) => {
      takeChunk = intake({ onReadable: becomeDue, onEnd: end })
      readers.onOpen()
    })
    .catch(end)

  return {
    pastFrom: (wanted: LogStart) => (ended === null ? past?.from(wanted) : null) ?? null,
    read: (reader: Reader, first: readonly Line[], signal: AbortSignal): Promise<void> => {
      const reading = readers.join(reader, signal)
      if (takeChunk !== null && !signal.aborted) {
        reader.onOpen()
        if (first.length > 0) reader.take(toBatch(first))
        becomeDue()
      }
      return reading
    },
  }
}

/** Those who read one source. `onLeave` is called after each who leaves it, or is told that it ended. */
function createReaders(onLeave: () => void) {
  const readers = new Map<Reader, (error: unknown) => void>()
  return {
    count: () => readers.size,
    areFull: () => [...readers.keys()].every(({ room }) => room.isFull()),
    onRoom: (listener: () => void) => {
      for (const { room } of readers.keys()) room.onRoom(listener)
    },
    onOpen: () => {
      for (const { onOpen } of readers.keys()) onOpen()
    },
    take: (batch: LineBatch) => {
      for (const { take } of readers.keys()) take(batch)
    },
    /** Null is an end like any other. */
    end: (error: unknown) => {
      for (const leave of readers.values()) leave(error)
    },
    join: (reader: Reader, signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        const onAbort = () => leave(null)
        const leave = (error: unknown) => {
          signal.removeEventListener('abort', onAbort)
          readers.delete(reader)
          if (error === null) resolve()
          else reject(error)
          onLeave()
        }
        readers.set(reader, leave)
        signal.addEventListener('abort', onAbort)
        if (signal.aborted) leave(null)
      }),
  }
}
