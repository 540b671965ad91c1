export type WorkQueue = {
  /** Runs the key after the delay, unless a run is due sooner. */
  enqueue(key: string, delayMs?: number): void
  /** Forgets what is due and waits for what runs. */
  stop(): Promise<void>
}

const retryMs = 300

/** One run at a time per key; a failed run is reported and tried again. */
export function createWorkQueue(
  run: (key: string) => Promise<void>,
  onError: (key: string, error: unknown) => void,
): WorkQueue {
  const due = new Map<string, { at: number; timer: NodeJS.Timeout }>()
  const running = new Map<string, Promise<void>>()
  let isStopped = false

  const enqueue: WorkQueue['enqueue'] = (key, delayMs = 0) => {
    if (isStopped) return
    const at = Date.now() + delayMs
    const existing = due.get(key)
    if (existing && existing.at <= at) return
    clearTimeout(existing?.timer)
    due.set(key, { at, timer: setTimeout(start, delayMs, key) })
  }

  const start = (key: string) => {
    due.delete(key)
    const current = running.get(key)
    if (current) {
      void current.then(() => enqueue(key))
      return
    }
    const work = run(key)
      .catch((error: unknown) => {
        if (isStopped) return
        onError(key, error)
        enqueue(key, retryMs)
      })
      .finally(() => running.delete(key))
    running.set(key, work)
  }

  return {
    enqueue,
    stop: async () => {
      isStopped = true
      for (const { timer } of due.values()) clearTimeout(timer)
      due.clear()
      await Promise.all(running.values())
    },
  }
}
