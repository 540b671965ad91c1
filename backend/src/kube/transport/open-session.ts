import { once } from 'node:events'
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { errors } from 'undici'
import { boundFrames } from './bound-frames.ts'
import type { Answer, Asked } from './exchange.ts'

type AskedInTime = Asked & { headersTimeout: number }

/** On one connection, however many more a server allows. */
const streamsMax = 24
/**
 * What may come of a stream, in bytes, before it is read (RFC 9113 §5.2): all that is under way on the longest ways, for
 * whoever may send less than that waits for each next word.
 */
const windowBytes = 1024 * 1024

/** One HTTP/2 connection (RFC 9113). */
export type Session = {
  /** Whether another stream may be opened on it. */
  isFree(): boolean
  /** While it is asked whether it is alive, until it has said so or that takes too long to wait for. */
  probing(): Promise<void> | null
  /** Resolves when the answer begins. To be called only while it is free. */
  request(asked: AskedInTime): Promise<Answer>
  /** Lets what is in flight finish. */
  close(): Promise<void>
  destroy(): void
}

export type SessionOptions = {
  origin: string
  /** Until the server has said how it speaks. */
  settingsMs: number
  /** Until it answers a PING, where a stream of it was silent for too long. */
  pingMs: number
  /** How long it stays open without a stream. */
  idleMs: number
}

/** On a connection whose two sides agreed to speak HTTP/2, once the server has begun to. Throws what it broke with. */
export async function openSession(socket: Socket, options: SessionOptions): Promise<Session> {
  const session = connect(options.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: windowBytes },
  })
  // Its streams fail with it, and they are who tells.
  session.on('error', () => {})
  const frames = boundFrames(session, socket)
  await awaitSettings(session, options.settingsMs)
  // The protocol's own is 64 KiB for all streams together.
  session.setLocalWindowSize(streamsMax * windowBytes)
  const { isAlive, probe, probing } = watchLife(session, options.pingMs)
  const idle = limitIdleness(session, socket, options)
  let open = 0
  return {
    isFree: () => {
      const { maxConcurrentStreams = streamsMax } = session.remoteSettings
      return isAlive() && open < Math.min(maxConcurrentStreams, streamsMax)
    },
    probing,
    request: ({ headers, method, path, signal, ...timeouts }) => {
      const sent: OutgoingHttpHeaders = { ...headers, ':method': method, ':path': path }
      const stream = session.request(sent, { endStream: true, signal })
      open += 1
      idle.stop()
      stream.once('close', () => {
        open -= 1
        if (open === 0) idle.start()
      })
      return readAnswer(stream, timeouts, { onBytes: frames.addBytes, onSilence: probe })
    },
    close: async () => {
      if (session.destroyed) return
      const closed = once(session, 'close')
      session.close()
      await closed
    },
    destroy: () => {
      session.destroy()
      // Of a session that was closed before, Node ends it in peace, which a dead one never is.
      socket.destroy()
    },
  }
}

/** RFC 9113 §3.4: they are the first that a server says. */
async function awaitSettings(session: ClientHttp2Session, ms: number): Promise<void> {
  const late = setTimeout(() => session.destroy(new errors.ConnectTimeoutError()), ms).unref()
  try {
    await new Promise<void>((resolve, reject) => {
      session.once('remoteSettings', () => resolve())
      session.once('error', reject)
      session.once('close', () => reject(new errors.SocketError('other side closed')))
    })
  } finally {
    clearTimeout(late)
  }
}

/** A PING that is not answered for so long: whoever waits takes another connection. */
const probePatienceMs = 1_000

/** What takes no further stream: a session that ends, one whose server is going away, and one that may be dead. */
function watchLife(session: ClientHttp2Session, pingMs: number) {
  let isLeaving = false
  let isProbed = false
  let probing: Promise<void> | null = null
  session.once('goaway', () => (isLeaving = true))
  const probe = () => {
    if (isProbed || session.closed || session.destroyed) return
    isProbed = true
    const known = Promise.withResolvers<void>()
    probing = known.promise
    const settle = () => {
      probing = null
      known.resolve()
    }
    const patience = setTimeout(settle, probePatienceMs).unref()
    const late = setTimeout(
      () => session.destroy(new errors.SocketError('answers no PING')),
      pingMs,
    ).unref()
    session.ping(() => {
      clearTimeout(patience)
      clearTimeout(late)
      isProbed = false
      settle()
    })
  }
  const isAlive = () => !isLeaving && !isProbed && !session.closed && !session.destroyed
  return { isAlive, probe, probing: () => probing }
}

function limitIdleness(
  session: ClientHttp2Session,
  socket: Socket,
  { idleMs, pingMs }: Pick<SessionOptions, 'idleMs' | 'pingMs'>,
) {
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  const end = () => {
    session.close()
    // A dead one is not closed in peace.
    timer = setTimeout(() => socket.destroy(), pingMs).unref()
  }
  const start = () => void (timer = setTimeout(end, idleMs).unref())
  socket.once('close', stop)
  start()
  return { start, stop }
}

function readAnswer(
  stream: ClientHttp2Stream,
  { bodyTimeout, headersTimeout }: Pick<AskedInTime, 'bodyTimeout' | 'headersTimeout'>,
  on: { onBytes: (count: number) => void; onSilence: () => void },
): Promise<Answer> {
  /** Silence of the server alone: while what came is not read, it may not send more. */
  const limitSilence = (ms: number, Timeout: new () => Error) => {
    stream.removeAllListeners('timeout')
    stream.setTimeout(ms, () => {
      if (stream.readableLength > 0) return limitSilence(ms, Timeout)
      on.onSilence()
      stream.destroy(new Timeout())
    })
  }
  limitSilence(headersTimeout, errors.HeadersTimeoutError)
  return new Promise((resolve, reject) => {
    stream.once('response', ({ ':status': statusCode = 0, ...headers }) => {
      limitSilence(bodyTimeout, errors.BodyTimeoutError)
      const body = Object.assign(stream, {
        [Symbol.asyncIterator]: () => readWhole(stream, on.onBytes),
      })
      resolve({ statusCode, headers, body })
    })
    stream.once('error', (error) => {
      // Whoever waits no longer leaves it open whether anything would have come.
      if (error.name === 'AbortError') on.onSilence()
      reject(error)
    })
    stream.once('close', () => reject(new errors.SocketError('other side closed')))
  })
}

/** Node ends a stream without a word where the server cancelled it, or the connection is gone. */
async function* readWhole(
  stream: ClientHttp2Stream,
  onBytes: (count: number) => void,
): AsyncGenerator<Buffer, undefined, undefined> {
  for await (const chunk of Readable.prototype[Symbol.asyncIterator].call(stream)) {
    onBytes((chunk as Buffer).byteLength)
    yield chunk as Buffer
  }
  if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
    throw new errors.SocketError('other side closed')
  }
}
