import type { Timing } from '#kube'

const bufferBytes = 256 * 1024
const gatherMs = 25
const gatheredMax = 64 * 1024

/** The stream's other end: whoever writes waits for whoever reads. */
export function createLogReader({ ended, timing }: { ended: AbortController; timing: Timing }) {
  const encoder = new TextEncoder()
  const timers = new Set<unknown>()
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let gathered = ''
  let waiting: (() => void)[] = []
  const wake = () => {
    const all = waiting
    waiting = []
    for (const go of all) go()
  }
  const later = (ms: number, run: () => void) => {
    const timer = timing.setTimeout(() => {
      timers.delete(timer)
      run()
    }, ms)
    timers.add(timer)
  }
  const flush = () => {
    const text = gathered
    gathered = ''
    if (text !== '') controller?.enqueue(encoder.encode(text))
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
  return {
    close,
    every,
    write: (text: string) => {
      if (ended.signal.aborted || text === '') return
      // Many pods' lines are written at once.
      if (gathered === '') later(gatherMs, flushUnlessEnded)
      gathered += text
      if (gathered.length >= gatheredMax) flush()
    },
    room: async () => {
      const isFull = () =>
        !ended.signal.aborted && (controller?.desiredSize ?? 0) <= gathered.length
      while (isFull()) await new Promise<void>((resolve) => waiting.push(resolve))
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
        new ByteLengthQueuingStrategy({ highWaterMark: bufferBytes }),
      ),
  }
}
