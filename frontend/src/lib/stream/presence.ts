/**
 * How a tab and the worker learn of each other's end, a crash included: each holds a lock for as long as it lives.
 * Browsers have locks on https and localhost alone; elsewhere only a farewell is heard.
 */
export interface Presence {
  /** Null where there are no locks. */
  name: string | null
  end: () => void
}

/** Resolves when the lock is held, so that whoever is told its name cannot get it before. */
export async function announcePresence(): Promise<Presence> {
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return { name: null, end: () => {} }
  const name = `hub-stream-${crypto.randomUUID()}`
  return await new Promise((resolve) => {
    void locks.request(
      name,
      () =>
        new Promise<void>((end) => {
          resolve({ name, end })
        }),
    )
  })
}

/** Calls `onEnd` once when whoever announced `name` is gone. Returns the way to stop waiting for that. */
export function watchPresence(name: string | null, onEnd: () => void): () => void {
  const { locks } = navigator as { locks?: LockManager }
  const waiting = new AbortController()
  if (name !== null && locks) {
    locks.request(name, { signal: waiting.signal }, onEnd).catch((error: unknown) => {
      if (!waiting.signal.aborted) throw error
    })
  }
  return () => waiting.abort()
}
