import type { Server, ServerResponse } from 'node:http'
import type { Database } from '#db'
import { sleep, systemTiming, type Timing } from '#kube'
import type { Logger } from '#log'
import type { Hub } from './create-hub.ts'

export type ShutdownOptions = {
  server: Pick<Server, 'close' | 'closeAllConnections' | 'closeIdleConnections' | 'prependListener'>
  hub: Pick<Hub, 'drain' | 'endStreams' | 'stop'>
  db: Pick<Database, 'close'>
  /** How long new connections are still taken after SIGTERM. */
  drainMs: number
  log: Logger
  timing?: Timing
  exit: (code: number) => void
}

/** With `drainMs`, all that a container's grace has to cover. */
export const shutdownLimits = {
  /** What was asked before is answered within this, or cut off. */
  finishMs: 15_000,
  /** Watches, jobs and the database have this long to close. */
  closeMs: 5_000,
} as const

/** A launcher passes on what the terminal has sent to the whole group already. */
const sameSignalMs = 250
const idleEveryMs = 100

/**
 * Ends the hub so that nobody notices who asks another replica or comes back: first readiness says no while everything is
 * served, each connection for one more answer; then nobody new comes in and streams end with the word to come back; what
 * runs is finished; only then do watches and the database close. A second signal ends at once. To be called before the
 * server's first request; the function it returns takes each signal.
 */
export function prepareShutdown(options: ShutdownOptions): (signal: string) => Promise<void> {
  const { db, drainMs, exit, hub, log, server, timing = systemTiming } = options
  const answers = new Set<ServerResponse>()
  let startedAt: number | null = null
  let onAnswered = () => {}

  const closeAfter = (answer: ServerResponse) => {
    if (!answer.headersSent) answer.setHeader('connection', 'close')
  }
  server.prependListener('request', (_, answer: ServerResponse) => {
    answers.add(answer)
    answer.once('close', () => {
      answers.delete(answer)
      if (answers.size === 0) onAnswered()
    })
    if (startedAt !== null) closeAfter(answer)
  })

  const finish = async () => {
    const answered = new AbortController()
    onAnswered = () => answered.abort()
    const until = timing.now() + shutdownLimits.finishMs
    while (answers.size > 0 && timing.now() < until) {
      await sleep(timing, idleEveryMs, answered.signal)
      // Those whose answer had begun before were not told to close.
      server.closeIdleConnections()
    }
    if (answers.size === 0) return
    log.warn(
      { requests: answers.size },
      `${answers.size} requests were cut off: they took longer than ${shutdownLimits.finishMs / 1000} s after the hub was told to end`,
    )
    server.closeAllConnections()
  }

  return async (signal) => {
    if (startedAt !== null) {
      if (timing.now() - startedAt < sameSignalMs) return
      log.warn({ signal }, 'ending at once: this was the second signal')
      return exit(1)
    }
    startedAt = timing.now()
    log.info({ signal }, 'stopping')
    hub.drain()
    for (const answer of answers) closeAfter(answer)
    // Who ends it by hand at a terminal does not want to wait for balancers.
    if (signal === 'SIGTERM' && drainMs > 0) await sleep(timing, drainMs)
    server.close()
    hub.endStreams()
    await finish()
    timing.setTimeout(() => {
      log.warn('ending although something does not close')
      exit(0)
    }, shutdownLimits.closeMs)
    await hub.stop()
    await db.close()
    exit(0)
  }
}
