import type { Timing } from '#kube'
import type { JoinTexts } from './join-texts.ts'

/** Of what waits for a reader: from there on it is full. */
const fullBytes = 256 * 1024
/** More never waits, while others go on. */
const waitingBytesMax = 1024 * 1024

/** The stream's other end: whoever writes waits for whoever reads. */
export function createLogReader({
  ended,
  join,
  timing,
}: {
  ended: AbortController
  join: JoinTexts
  timing: Timing
}) {
  const timers = createTimers(timing)
  const waiting = new Set<() => void>()
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  const gathered = createGathered()
  const wake = () => {
    const all = [...waiting]
    waiting.clear()
    for (const go of all) go()
  }
  const waitingBytes = () =>
    gathered.length() + (controller === null ? 0 : fullBytes - (controller.desiredSize ?? 0))
  const flush = () => {
    if (gathered.length() > 0) controller?.enqueue(join(gathered.take()))
  }
  const close = () => {
    if (ended.signal.aborted) return
    try {
      flush()
    } catch {
      // The reader cancelled it first.
    }
    ended.abort()
    timers.clear()
    wake()
    try {
      controller?.close()
    } catch {
      // The reader cancelled it first.
    }
  }
  const flushUnlessEnded = () => {
    if (!ended.signal.aborted) flush()
  }
  const every = (ms: number, run: () => void) =>
    timers.add(ms, () => {
      if (ended.signal.aborted) return
      run()
      every(ms, run)
    })
  const isFull = () => !ended.signal.aborted && waitingBytes() >= fullBytes
  const onRoom = (listener: () => void) => void waiting.add(listener)
  return {
    close,
    every,
    isFull,
    onRoom,
    write: (text: string) => {
      if (ended.signal.aborted || text === '') return
      // Many pods' lines are written in one turn.
      if (gathered.length() === 0) queueMicrotask(flushUnlessEnded)
      gathered.add(text)
    },
    /** Whether so many bytes more may wait. */
    canTake: (bytes: number) => waitingBytes() + bytes <= waitingBytesMax,
    room: async () => {
      while (isFull()) await new Promise<void>(onRoom)
    },
    wait: (ms: number) =>
      new Promise<void>((resolve) => {
        if (ended.signal.aborted) return resolve()
        ended.signal.addEventListener('abort', () => resolve(), { once: true })
        timers.add(ms, resolve)
      }),
    open: (run: () => void) =>
      new ReadableStream<Uint8Array>(
        {
          start: (given) => {
            controller = given
            run()
          },
          pull: wake,
          cancel: close,
        },
        new ByteLengthQueuingStrategy({ highWaterMark: fullBytes }),
      ),
  }
}

function createTimers(timing: Timing) {
  const timers = new Set<unknown>()
  return {
    add: (ms: number, run: () => void) => {
      const timer = timing.setTimeout(() => {
        timers.delete(timer)
        run()
      }, ms)
      timers.add(timer)
    },
    clear: () => {
      for (const timer of timers) timing.clearTimeout(timer)
      timers.clear()
    },
  }
}

function createGathered() {
  let texts: string[] = []
  let length = 0
  return {
    length: () => length,
    add: (text: string) => {
      texts.push(text)
      length += text.length
    },
    take: (): readonly string[] => {
      const all = texts
      texts = []
      length = 0
      return all
    },
  }
}
