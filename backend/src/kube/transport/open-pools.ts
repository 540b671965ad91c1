import { Pool } from 'undici'
import type { ClusterCredential } from '../cluster-credential.ts'
import { createConnectors } from './create-connector.ts'
import { createStreams } from './create-streams.ts'
import type { Way } from './exchange.ts'
import { createSpareSockets } from './spare-sockets.ts'
import type { TransportLimits, TransportOptions } from './transport.ts'

/** Connections, by what they are for. Over HTTP/2 reads and streams share theirs. */
export type Pools = {
  reads: Way
  /** Whatever may change something, and what has a body. */
  writes: Pool
  /** Watches and the lists before them. */
  streams: Way
  passages: Pool
  /** Lets what is in flight finish. */
  close(): Promise<unknown>
  destroy(): Promise<unknown>
}

/** To one server, with what the credential shows as it connects. Opens nothing until the first request. */
export function openPools(
  credential: ClusterCredential,
  options: TransportOptions,
  limits: TransportLimits,
): Pools {
  const server = new URL(credential.server)
  const connectors = createConnectors(credential, options, limits.connectTimeoutMs)
  const spare = createSpareSockets(connectors.http1, limits.idleMs)
  const open = (connections: number) =>
    new Pool(server.origin, {
      connections,
      // On HTTP/2 undici joins repeated headers: two Impersonate-Group would arrive as one group.
      allowH2: false,
      connect: spare.connect,
      pipelining: 1,
      keepAliveTimeout: limits.idleMs,
      keepAliveMaxTimeout: limits.idleMs,
      headersTimeout: limits.headersTimeoutMs,
    })
  const requests = open(limits.connections)
  const watches = open(limits.streams)
  const passages = open(limits.passages + limits.forwarded)
  const streams = createStreams({ server, connectors, limits, spare })
  const all = [requests, watches, passages, streams]
  return {
    // What is behind a model's own address keeps to HTTP/1.1, as all that passes through.
    reads: options.isDirect ? requests : { request: (asked) => streams.request(asked, requests) },
    writes: requests,
    streams: { request: (asked) => streams.request(asked, watches) },
    passages,
    close: () => {
      spare.destroy()
      return Promise.allSettled(all.map((each) => each.close()))
    },
    destroy: () => {
      spare.destroy()
      return Promise.allSettled(all.map((each) => each.destroy()))
    },
  }
}
