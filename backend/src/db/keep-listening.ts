import type { PostgresServer } from '#config'
import type { Patience } from './patience.ts'
import { openConnection } from './postgres-connection.ts'

const retryMs = 1_000

/**
 * Hears notices on a connection of its own, which is opened again as often as it is lost or falls silent. Returns what
 * ends it.
 */
export function keepListening(
  server: PostgresServer,
  {
    channel,
    onNotice,
    patience: { connectMs, heartbeatMs },
  }: { channel: string; onNotice: () => void; patience: Patience },
): () => Promise<void> {
  const ending = new AbortController()
  const { signal } = ending
  let wake = () => {}
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const listen = async () => {
    const connection = await openConnection(server, {
      deadlineMs: heartbeatMs,
      connectMs,
      onNotice,
      onClose: () => wake(),
    })
    try {
      // Repeated, it changes nothing, and shows whether anybody is there.
      while (!signal.aborted) {
        await connection.run(`LISTEN "${channel}"`)
        // Whatever was announced while nobody listened.
        onNotice()
        if (!signal.aborted) await pause(heartbeatMs)
      }
    } finally {
      await (signal.aborted ? connection.end() : connection.destroy())
    }
  }
  const keep = async () => {
    while (!signal.aborted) {
      await listen().catch(() => undefined)
      if (!signal.aborted) await pause(retryMs)
    }
  }
  const kept = keep()
  return async () => {
    ending.abort()
    wake()
    await kept
  }
}
