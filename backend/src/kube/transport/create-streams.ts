import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { errors, Pool } from 'undici'
import { ClusterError } from '../cluster-error.ts'
import type { Connectors } from './create-connector.ts'
import type { Answer, Asked } from './exchange.ts'
import { openSession, type Session } from './open-session.ts'
import type { TransportLimits } from './transport.ts'

/** What lists and watches go over. */
export type Streams = {
  /** Resolves when the answer begins. What is asked has no body. */
  request(asked: Asked): Promise<Answer>
  /** Lets what is in flight finish. */
  close(): Promise<unknown>
  destroy(): Promise<unknown>
}

type Options = {
  server: URL
  connectors: Connectors
  limits: TransportLimits
  /** What each connection of a pool has, of HTTP/1.1. */
  poolOptions: Pool.Options
}

/**
 * All of them share one connection where the server speaks HTTP/2, or as many as it takes for the streams that the server
 * allows on one. Where it does not, each has one of its own.
 */
export function createStreams({ connectors, limits, poolOptions, server }: Options): Streams {
  /** Connected to find out what the server speaks, and not used yet. */
  const unused: Socket[] = []
  const pool = new Pool(server.origin, {
    ...poolOptions,
    connections: limits.streams,
    connect: (target, done) => {
      const socket = unused.pop()
      // undici goes on only with a connection that comes later than it is asked for.
      if (socket && !socket.destroyed) queueMicrotask(() => done(null, socket))
      else connectors.http1(target, done)
    },
  })
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
    if (!speaksHttp2) return void unused.push(socket)
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

  const request: Streams['request'] = async (asked) => {
    if (isClosed) throw new errors.ClientClosedError()
    if (asked.signal.aborted) throw new errors.RequestAbortedError()
    if (!speaksHttp2) return pool.request(asked)
    const free = [...sessions].find((each) => each.isFree())
    if (free) return free.request({ headersTimeout: limits.headersTimeoutMs, ...asked })
    await unlessAborted(awaitChange(), asked.signal)
    return request(asked)
  }

  const end = () => {
    isClosed = true
    for (const socket of unused) socket.destroy()
  }

  return {
    request,
    close: () => {
      end()
      return Promise.allSettled([pool.close(), ...[...sessions].map((each) => each.close())])
    },
    destroy: () => {
      end()
      for (const session of sessions) session.destroy()
      return pool.destroy()
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
