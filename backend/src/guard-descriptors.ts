import type { Server } from 'node:http'
import { countDescriptors, type DescriptorPlan } from '#clusters'
import type { Logger } from '#log'

const everyMs = 10_000
/** So few are left when it is said. */
const fewLeft = 16

/**
 * Keeps the server's connections to their share and says when the share, or all there is, is used up: the system itself
 * closes what it has no descriptor for without a word. Returns how to stop.
 */
export function guardDescriptors(options: {
  server: Pick<Server, 'maxConnections' | 'on' | 'closeIdleConnections'>
  plan: DescriptorPlan
  log: Logger
  count?: () => number | null
}): () => void {
  const { count = countDescriptors, log, plan, server } = options
  const { limit, peopleMax } = plan
  if (limit === null) return () => {}
  const fix =
    'raise the limit on open files (ulimit -n, LimitNOFILE of its service, or nofile of its container) and restart the hub'
  let dropped = 0
  server.maxConnections = peopleMax
  server.on('drop', () => {
    dropped += 1
    // Whoever asks has the share, not whoever asked a minute ago and may come back.
    server.closeIdleConnections()
    if (dropped === 1) {
      log.warn(
        { limit },
        `a connection was refused: ${peopleMax} are open, as many as people and programs may have under a limit of ${limit} files and sockets; ${fix}`,
      )
    }
  })
  let isShort = false
  const look = () => {
    if (dropped > 1) log.warn({ dropped, limit }, `${dropped} connections were refused; ${fix}`)
    dropped = 0
    const open = count()
    const wasShort = isShort
    isShort = open !== null && open > limit - fewLeft
    if (isShort && !wasShort) {
      log.warn(
        { open, limit },
        `${open} of ${limit} files and sockets are open, so files, connections and programs may fail to open; ${fix}`,
      )
    }
  }
  const timer = setInterval(look, everyMs).unref()
  return () => clearInterval(timer)
}
