import { errors, Pool } from 'undici'
import type { ClusterCredential } from '../cluster-credential.ts'
import { networkError } from '../cluster-error.ts'
import { systemTiming } from '../timing.ts'
import { createBreaker } from './breaker.ts'
import { createConnectors } from './create-connector.ts'
import { createStreams } from './create-streams.ts'
import { holdToken } from './hold-token.ts'
import type { Line, Pools } from './line.ts'
import { createOpen } from './open.ts'
import { createRequest } from './request.ts'
import { createSend } from './send.ts'
import {
  defaultLimits,
  type KubeRequest,
  type Transport,
  type TransportOptions,
} from './transport.ts'
import { createWatch } from './watch.ts'

/** Opens nothing until the first request. */
export function createTransport(initial: ClusterCredential, options: TransportOptions): Transport {
  const timing = options.timing ?? systemTiming
  const limits = { ...defaultLimits, ...options.limits }
  const server = new URL(initial.server)
  const credential = holdToken(initial)
  let heardAt = Number.NEGATIVE_INFINITY
  const hear = () => void (heardAt = timing.now())
  const openPools = (shown: ClusterCredential): Pools => {
    const connectors = createConnectors(shown, options, limits.connectTimeoutMs)
    const poolOptions = {
      // On HTTP/2 undici joins repeated headers: two Impersonate-Group would arrive as one group.
      allowH2: false,
      connect: connectors.http1,
      pipelining: 1,
      keepAliveTimeout: limits.idleMs,
      keepAliveMaxTimeout: limits.idleMs,
      headersTimeout: limits.headersTimeoutMs,
    }
    const open = (connections: number) => new Pool(server.origin, { ...poolOptions, connections })
    return {
      requests: open(limits.connections),
      streams: createStreams({ server, connectors, limits, poolOptions }),
      passages: open(limits.passages + limits.forwarded),
    }
  }
  const ofHub = openPools(initial)
  // A client certificate would win over a person's token: the API server asks for it first.
  let ofPeople: Pools | null = null
  const line: Line = {
    limits,
    isDirect: options.isDirect ?? false,
    poolsFor: ({ ownToken }) =>
      ownToken
        ? (ofPeople ??= openPools({ ...initial, clientCertificate: null, token: null }))
        : ofHub,
    breaker: createBreaker(timing),
    send: createSend({
      server,
      version: options.version,
      credential: credential.now,
      onAnswer: hear,
    }),
    redact: (text, { ownToken }) =>
      ownToken ? text.replaceAll(ownToken.reveal(), '[redacted]') : credential.redact(text),
    hear,
    heardAt: () => heardAt,
    openStreams: new Set(),
  }
  const pools = () => [ofHub, ofPeople].flatMap((each) => (each ? Object.values(each) : []))
  const request = createRequest(line)
  const watch = createWatch(line)
  const open = createOpen(line)
  const calls = createCalls()
  return {
    request: <T>(asked: KubeRequest) => calls.run(() => request<T>(asked)),
    watch: (asked) => calls.follow(() => watch(asked)),
    open: (asked) => calls.run(() => open(asked)),
    heardAt: line.heardAt,
    renew: (next) => {
      if (!credential.renew(next)) return false
      for (const replace of line.openStreams) {
        line.openStreams.delete(replace)
        setTimeout(replace, limits.streamRenewalMs * (0.8 + 0.2 * timing.random())).unref()
      }
      return true
    },
    close: async ({ graceMs = 10_000 } = {}) => {
      const cut = setTimeout(() => {
        for (const pool of pools()) void pool.destroy().catch(() => {})
      }, graceMs).unref()
      await calls.end()
      await Promise.allSettled(pools().map((pool) => pool.close()))
      clearTimeout(cut)
    },
  }
}

/** Calls that may not have a connection yet: what has begun goes on, and nothing begins once they end. */
function createCalls() {
  const begun = new Set<Promise<unknown>>()
  let isEnded = false
  const refuseAtEnd = () => {
    if (isEnded) throw networkError(new errors.ClientClosedError())
  }
  return {
    run: async <R>(call: () => Promise<R>): Promise<R> => {
      refuseAtEnd()
      const running = call().finally(() => begun.delete(running))
      begun.add(running)
      return running
    },
    /** What has no end of its own: nobody waits for it. */
    follow: async function* <E>(call: () => AsyncGenerator<E, void, undefined>) {
      refuseAtEnd()
      yield* call()
    },
    end: () => {
      isEnded = true
      return Promise.allSettled(begun)
    },
  }
}
