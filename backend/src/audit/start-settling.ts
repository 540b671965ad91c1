import type { Logger } from '#log'

const sweepIntervalMs = 10_000

/**
 * Finds out what came of changes whose outcome nobody wrote down: now, because the hub may have died half-way, and every
 * ten seconds. Returns what stops it.
 */
export function startSettling(
  log: Logger,
  settlers: readonly (() => Promise<void>)[],
): () => Promise<void> {
  const runOne = async (settle: () => Promise<void>) => {
    try {
      await settle()
    } catch (error) {
      log.warn({ error }, 'what came of earlier changes could not be found out')
    }
  }
  let running: Promise<unknown> | null = null
  const sweep = () => {
    running ??= Promise.all(settlers.map(runOne)).finally(() => (running = null))
  }
  sweep()
  const timer = setInterval(sweep, sweepIntervalMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}
