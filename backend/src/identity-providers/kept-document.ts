import { measureElapsed } from '#time'

const freshMs = 10 * 60 * 1000
/** How long one serves that could not be read again. */
const staleMs = 24 * 60 * 60 * 1000
const backOffMs = { first: 1000, max: 60_000 }
/** Reading before it is due: at once, and then not again for so long. */
const earlyEveryMs = 30_000

export type KeptDocument<T> = {
  get(): Promise<T>
  /** Reads it again before it is due, because it lacks something; the kept one where that was done too often just now. */
  getAgain(): Promise<T>
}

/**
 * A provider's document, read again every ten minutes: once for all who wait for it, less and less often while it fails,
 * and the last good one serves for a day meanwhile.
 */
export function keepDocument<T>(options: {
  read: () => Promise<T>
  now: () => Date
}): KeptDocument<T> {
  let kept: { document: T; readAt: number } | undefined
  let failure: { error: unknown; count: number; retryAt: number } | undefined
  let reading: Promise<T> | undefined
  let earlyAt = Number.NEGATIVE_INFINITY
  const nowMs = measureElapsed(options.now)

  async function read(): Promise<T> {
    try {
      const document = await options.read()
      kept = { document, readAt: nowMs() }
      failure = undefined
      return document
    } catch (error) {
      const count = (failure?.count ?? 0) + 1
      const waitMs = Math.min(backOffMs.first * 2 ** (count - 1), backOffMs.max)
      failure = { error, count, retryAt: nowMs() + waitMs }
      throw error
    }
  }

  async function readOrKeep(): Promise<T> {
    try {
      if (failure && nowMs() < failure.retryAt) throw failure.error
      return await (reading ??= read().finally(() => (reading = undefined)))
    } catch (error) {
      if (kept && nowMs() - kept.readAt < staleMs) return kept.document
      throw error
    }
  }

  function mayReadEarly(): boolean {
    const at = nowMs()
    if (at - earlyAt < earlyEveryMs) return false
    earlyAt = at
    return true
  }

  return {
    async get() {
      return kept && nowMs() - kept.readAt < freshMs ? kept.document : readOrKeep()
    },
    async getAgain() {
      if (reading || !kept || mayReadEarly()) return readOrKeep()
      return kept.document
    },
  }
}
