import type { Timing } from '#kube'

/** Of what waits for a reader: from there on it is full. */
const fullBytes = 256 * 1024
/** More never waits, while others go on. */
const waitingBytesMax = 1024 * 1024

/** The stream's other end: whoever writes waits for whoever reads. */
export function createLogReader({ ended, timing }: { ended: AbortController; timing: Timing }) {
  const timers = new Set<unknown>()
  const waiting = new Set<() => void>()
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  const gathered = createGathered()
  const wake = () => {
    const all = [...waiting]
    waiting.clear()
    for (const go of all) go()
  }
  const waitingBytes = () =>
    gathered.bytes() + (controller === null ? 0 : fullBytes - (controller.desiredSize ?? 0))
  const later = (ms: number, run: () => void) => {
    const timer = timing.setTimeout(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
  }
  const flush = () => {
    if (gathered.bytes() > 0) controller?.enqueue(gathered.take())
  }
  const close = () => {
    if (ended.signal.aborted) return
    try {
      flush()
    } catch {
      // The reader cancelled it first.
    }
    ended.abort()
    for (const timer of timers) timing.clearTimeout(timer)
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
    later(ms, () => {
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
    write: (bytes: Uint8Array) => {
      if (ended.signal.aborted || bytes.length === 0) return
      // Many pods' lines are written in one turn.
      if (gathered.bytes() === 0) queueMicrotask(flushUnlessEnded)
      gathered.add(bytes)
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
        later(ms, resolve)
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

function createGathered() {
  let pieces: Uint8Array[] = []
  let bytes = 0
  return {
    bytes: () => bytes,
    add: (piece: Uint8Array) => {
      pieces.push(piece)
      bytes += piece.length
    },
    take: (): Uint8Array => {
      const whole = Buffer.concat(pieces, bytes)
      pieces = []
      bytes = 0
      return whole
    },
  }
}
