import { Pool } from 'undici'
import type { ClusterCredential } from '../cluster-credential.ts'
import { systemTiming } from '../timing.ts'
import { createBreaker } from './breaker.ts'
import { createConnector } from './create-connector.ts'
import { holdToken } from './hold-token.ts'
import type { Line } from './line.ts'
import { createOpen } from './open.ts'
import { createRequest } from './request.ts'
import { createSend } from './send.ts'
import { defaultLimits, type Transport, type TransportOptions } from './transport.ts'
import { createWatch } from './watch.ts'

/** Opens nothing until the first request. */
export function createTransport(initial: ClusterCredential, options: TransportOptions): Transport {
  const timing = options.timing ?? systemTiming
  const limits = { ...defaultLimits, ...options.limits }
  const server = new URL(initial.server)
  const credential = holdToken(initial)
  let heardAt = Number.NEGATIVE_INFINITY
  const hear = () => void (heardAt = timing.now())
  const poolOptions = {
    // On HTTP/2 undici joins repeated headers: two Impersonate-Group would arrive as one group.
    allowH2: false,
    connect: createConnector(initial, options, limits.connectTimeoutMs),
    pipelining: 1,
    keepAliveTimeout: 30_000,
    headersTimeout: limits.headersTimeoutMs,
  }
  const openPool = (connections: number) => new Pool(server.origin, { ...poolOptions, connections })
  const line: Line = {
    limits,
    requests: openPool(limits.connections),
    streams: openPool(limits.streams),
    passages: openPool(limits.passages),
    breaker: createBreaker(timing),
    send: createSend({
      server,
      version: options.version,
      credential: credential.now,
      onAnswer: hear,
    }),
    redact: credential.redact,
    hear,
    openStreams: new Set(),
  }
  const pools = [line.requests, line.streams, line.passages]
  return {
    request: createRequest(line),
    watch: createWatch(line),
    open: createOpen(line),
    heardAt: () => heardAt,
    renew: (next) => {
      if (!credential.renew(next)) return false
      for (const replace of line.openStreams) {
        line.openStreams.delete(replace)
        setTimeout(replace, limits.streamRenewalMs * (0.2 + 0.8 * timing.random())).unref()
      }
      return true
    },
    close: async ({ graceMs = 10_000 } = {}) => {
      const cut = setTimeout(() => {
        for (const pool of pools) void pool.destroy().catch(() => {})
      }, graceMs).unref()
      await Promise.allSettled(pools.map((pool) => pool.close()))
      clearTimeout(cut)
    },
  }
}
