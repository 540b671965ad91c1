import type { TLSSocket } from 'node:tls'
import { errors, type Pool } from 'undici'
import { ClusterError } from '../cluster-error.ts'
import type { Connectors } from './create-connector.ts'
import type { Answer, Asked } from './exchange.ts'
import { openSession, type Session } from './open-session.ts'
import type { SpareSockets } from './spare-sockets.ts'
import type { TransportLimits } from './transport.ts'

/** What reads, lists and watches go over. */
export type Streams = {
  /** Resolves when the answer begins. What is asked has no body; where the server speaks HTTP/1.1, it goes over `http1`. */
  request(asked: Asked, http1: Pool): Promise<Answer>
  /** Lets what is in flight finish. */
  close(): Promise<unknown>
  destroy(): Promise<unknown>
}

type Options = {
  server: URL
  connectors: Connectors
  limits: TransportLimits
  spare: SpareSockets
}

/**
 * All of them share one connection where the server speaks HTTP/2, or as many as it takes for the streams that the server
 * allows on one.
 */
export function createStreams({ connectors, limits, server, spare }: Options): Streams {
  const sessions = new Set<Session>()
  let connecting: Promise<void> | null = null
  let speaksHttp2 = server.protocol === 'https:'
  let isClosed = false

  const connect = async (): Promise<void> => {
    const socket = await dial(server, connectors)
    if (isClosed) {
      socket.destroy()
      throw new errors.ClientClosedError()
    }
    speaksHttp2 = socket.alpnProtocol === 'h2'
    if (!speaksHttp2) return spare.put(socket)
    const session = await openSession(socket, {
      origin: server.origin,
      settingsMs: limits.connectTimeoutMs,
      pingMs: limits.headersTimeoutMs,
      idleMs: limits.idleMs,
    })
    if (isClosed || !session.isFree()) {
      session.destroy()
      // Who waited would else connect again and again.
      throw isClosed ? new errors.ClientClosedError() : takesNone()
    }
    sessions.add(session)
    socket.once('close', () => sessions.delete(session))
  }

  /** Until there is another connection, or it is known whether one that fell silent is alive. */
  const awaitChange = (): Promise<void> => {
    const probing = [...sessions].map((each) => each.probing()).find((each) => each !== null)
    return probing ?? (connecting ??= connect().finally(() => (connecting = null)))
  }

  const request: Streams['request'] = async (asked, http1) => {
    if (isClosed) throw new errors.ClientClosedError()
    if (asked.signal.aborted) throw new errors.RequestAbortedError()
    if (!speaksHttp2) return http1.request(asked)
    const free = [...sessions].find((each) => each.isFree())
    if (free) return free.request({ headersTimeout: limits.headersTimeoutMs, ...asked })
    await unlessAborted(awaitChange(), asked.signal)
    return request(asked, http1)
  }

  return {
    request,
    close: () => {
      isClosed = true
      return Promise.allSettled([...sessions].map((each) => each.close()))
    },
    destroy: async () => {
      isClosed = true
      for (const session of sessions) session.destroy()
    },
  }
}

function takesNone(): ClusterError {
  return new ClusterError('refused', { message: 'takes no request over HTTP/2' })
}

function dial(server: URL, { http2 }: Connectors): Promise<TLSSocket> {
  const { host, port, protocol } = server
  // Of an IPv6 address without its brackets.
  const hostname = server.hostname.replaceAll(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    http2({ host, hostname, port, protocol }, (error, socket) =>
      error ? reject(error) : resolve(socket as TLSSocket),
    )
  })
}

/** What is waited for goes on without whoever does not wait any more. */
function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new errors.RequestAbortedError())
    signal.addEventListener('abort', abort)
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
