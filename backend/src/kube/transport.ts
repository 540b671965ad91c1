import { isIP, type LookupFunction } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import { describeBlockedAddress, describeBlockedHost, type AddressPolicy } from './addresses.ts'
import { createBreaker } from './breaker.ts'
import { ClusterError, isStaleConnection, networkError, statusError } from './cluster-error.ts'
import { impersonationHeaders, type Impersonation } from './impersonation.ts'
import { readJsonLines } from './json-lines.ts'
import type { KubePath } from './kube-path.ts'
import { readListItems } from './list-items.ts'
import { isRecord, type KubeList, type KubeObject, type WatchEvent } from './objects.ts'
import { openTunnel } from './open-tunnel.ts'
import type { ClusterCredential } from './parse-kubeconfig.ts'
import { createResolve, type Resolve } from './resolve-name.ts'
import { systemTiming, type Timing } from './timing.ts'

/** The connections that may be open; each is given back once. */
export type Sockets = {
  /** Null where there is none left. */
  take(): (() => void) | null
}

export type TransportOptions = {
  /** The hub's version, for the User-Agent. */
  version: string
  addresses: AddressPolicy
  limits?: Partial<TransportLimits>
  /** Shared by all transports, so that one place knows the hosts file. Default: one of its own. */
  resolve?: Resolve
  /** Without, the system alone bounds how many connections there are. */
  sockets?: Sockets
  /** For the breaker; what is waited for runs in real time. */
  timing?: Pick<Timing, 'now' | 'random'>
}

export type TransportLimits = {
  /** Reads and writes in flight; further ones wait within their own time limit. */
  connections: number
  /** How many may wait; more are refused at once. */
  queue: number
  /** Watches and other open-ended answers, kept apart so that they never starve requests. */
  streams: number
  connectTimeoutMs: number
  headersTimeoutMs: number
  /** Silence allowed within a body. */
  bodyTimeoutMs: number
  /** A whole request, waiting included, where the request itself sets none. */
  requestTimeoutMs: number
  bodyBytesMax: number
  /** Of one page of a list, where the request itself sets no bound. */
  listBytesMax: number
  /** One object of a list or a watch: etcd takes no larger one, and parsing it holds the event loop. */
  objectBytesMax: number
  /** The longest that a watch goes on with a token that was replaced. */
  streamRenewalMs: number
}

const mebibyte = 1024 * 1024

const defaultLimits: TransportLimits = {
  connections: 16,
  queue: 256,
  streams: 128,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 15_000,
  bodyTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  bodyBytesMax: 2 * mebibyte,
  listBytesMax: 32 * mebibyte,
  objectBytesMax: 2 * mebibyte,
  streamRenewalMs: 60_000,
}

export type Query = Record<string, string | number | boolean | undefined>

export type KubeRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: KubePath
  query?: Query
  /** Sent as JSON. */
  body?: unknown
  /** `application/json` unless a patch says otherwise. */
  contentType?: string
  /** Reaches the cluster's audit log as `hub-<requestId>`. */
  requestId?: string
  signal?: AbortSignal
  timeoutMs?: number
  /** The most bytes of an answer; what is longer is an error. */
  bytesMax?: number
  /**
   * The list before a watch: takes a connection of the streams, which the watch then goes on with, and is read item by
   * item.
   */
  isList?: boolean
  /** Takes the items of a list as they come, with the bytes of each; the answer is then without them. */
  onItem?: (item: KubeObject, bytes: number) => Promise<void> | undefined | void
  /** Finds out whether the cluster answers again, also while other requests are not even tried. */
  isProbe?: boolean
  /** On behalf of whom: the cluster's own rules then decide for this person too. */
  impersonate?: Impersonation
  /** Called when the request begins to be written: from then on the cluster may do as asked, whatever comes back. */
  onSend?: () => void
}

/** `body` is the answer's JSON as it came: `T` is the caller's claim, and a CRD's objects keep no promise. */
export type KubeResponse<T> = { status: number; body: T; auditId: string | null }

export type WatchRequest = {
  path: KubePath
  query?: Query
  requestId?: string
  signal?: AbortSignal
  /** Ends the watch with a `timeout` when no line came for so long. */
  idleTimeoutMs?: number
  /** Called when the server accepted the watch, before its first event. */
  onOpen?: () => void
  /** Told of all bytes as they come; what it throws ends the watch. */
  onBytes?: (count: number) => void
}

/** The one way to a cluster, for one credential. */
export type Transport = {
  /** Throws ClusterError on anything but a 2xx with a JSON body. */
  request<T = unknown>(request: KubeRequest): Promise<KubeResponse<T>>
  /** Events until the server ends the watch; throws ClusterError. Leaving the loop ends the request. */
  watch(request: WatchRequest): AsyncGenerator<WatchEvent, void, undefined>
  /**
   * Takes the token of a credential that is otherwise the same: requests use it at once, on the connections that are
   * open, and watches within a minute. False, and nothing changed, where more than the token differs.
   */
  renew(credential: ClusterCredential): boolean
  /** When anything last came from there, in the time of `timing`. */
  heardAt(): number
  /** Lets what is in flight finish for `graceMs` (10 s), then cuts it off. */
  close(options?: { graceMs?: number }): Promise<void>
}

/** Opens nothing until the first request. */
export function createTransport(initial: ClusterCredential, options: TransportOptions): Transport {
  let credential = initial
  /** Answers to what was asked with the token before may still come. */
  let tokens = initial.token === null ? [] : [initial.token]
  const timing = options.timing ?? systemTiming
  const openStreams = new Set<() => void>()
  const limits = { ...defaultLimits, ...options.limits }
  const server = new URL(initial.server)
  const basePath = server.pathname.replace(/\/$/, '')
  const poolOptions = {
    // On HTTP/2 undici joins repeated headers: two Impersonate-Group would arrive as one group.
    allowH2: false,
    connect: createConnector(initial, options, limits.connectTimeoutMs),
    pipelining: 1,
    keepAliveTimeout: 30_000,
    headersTimeout: limits.headersTimeoutMs,
  }
  const requests = new Pool(server.origin, { ...poolOptions, connections: limits.connections })
  const breaker = createBreaker(timing)
  let heardAt = Number.NEGATIVE_INFINITY
  const hear = () => void (heardAt = timing.now())
  let waiting = 0
  const streams = new Pool(server.origin, { ...poolOptions, connections: limits.streams })

  /** An API server, or a proxy before it, may repeat what it was sent. */
  const redact = (text: string) =>
    tokens.reduce((rest, token) => rest.replaceAll(token, '[redacted]'), text)

  const send = async (
    pool: Pool,
    request: Omit<KubeRequest, 'signal' | 'timeoutMs' | 'isList'>,
    signal: AbortSignal,
    bodyTimeout: number,
  ): Promise<Dispatcher.ResponseData> => {
    const answer = await tellStart(pool, request.onSend).request({
      method: request.method,
      path: `${basePath}${request.path}${queryString(request.query)}`,
      headers: buildHeaders(credential, options.version, request),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
      bodyTimeout,
    })
    // Destroying a body that nobody reads yet must not become an uncaught error.
    answer.body.on('error', () => {})
    hear()
    return answer
  }

  const toStatusError = async (answer: Dispatcher.ResponseData) => {
    // Its status counts, however long its words are.
    const text = await readBody(answer, Math.min(limits.bodyBytesMax, statusBytesMax)).catch(
      (error: unknown) => {
        if (error instanceof ClusterError) return ''
        throw error
      },
    )
    return statusError({
      status: answer.statusCode,
      body: parseJson(text),
      retryAfter: header(answer, 'retry-after'),
      auditId: header(answer, 'audit-id'),
      redact,
    })
  }

  const readList = async (
    answer: Dispatcher.ResponseData,
    { bytesMax = limits.listBytesMax, onItem }: KubeRequest,
  ): Promise<KubeList> => {
    const items: KubeObject[] = []
    const list = await readListItems(answer.body as AsyncIterable<Buffer>, {
      bytesMax,
      itemBytesMax: limits.objectBytesMax,
      onItem: onItem ?? ((item) => void items.push(item)),
    })
    return onItem ? list : { ...list, items }
  }

  const attempt = async <T>(
    request: KubeRequest,
    signal: AbortSignal,
  ): Promise<KubeResponse<T>> => {
    const pool = request.isList ? streams : requests
    const ask = () => send(pool, request, signal, limits.bodyTimeoutMs)
    const answer = await ask().catch((error: unknown) => {
      if (request.isList && isStaleConnection(error)) return ask()
      throw error
    })
    if (!isSuccess(answer)) throw await toStatusError(answer)
    const body = request.isList
      ? await readList(answer, request)
      : parseJson(await readBody(answer, request.bytesMax ?? limits.bodyBytesMax))
    // The pool takes a connection back one turn later; until then the watch would open another.
    if (request.isList) await setImmediate()
    // Whatever a Kubernetes API answers in JSON is an object.
    if (!isRecord(body)) {
      throw new ClusterError('protocol', { message: 'did not answer in JSON' })
    }
    return { status: answer.statusCode, body: body as T, auditId: header(answer, 'audit-id') }
  }

  return {
    request: async <T>(request: KubeRequest) => {
      if (waiting >= limits.connections + limits.queue) throw tooManyWaiting()
      waiting += 1
      const limit = limitTime(request.timeoutMs ?? limits.requestTimeoutMs, request.signal)
      const run = async () => {
        try {
          return await attempt<T>(request, limit.signal).catch((error: unknown) => {
            if (!isRepeatable(request) || !isStaleConnection(error)) throw error
            return attempt<T>(request, limit.signal)
          })
        } catch (error) {
          throw limit.explain(error)
        }
      }
      try {
        return await breaker.run(run, { mayTry: request.isProbe === true })
      } finally {
        waiting -= 1
        limit.clear()
      }
    },

    watch: async function* (request: WatchRequest) {
      const idle = limitTime(request.idleTimeoutMs ?? null, request.signal)
      try {
        const query = { ...request.query, watch: true }
        const answer = await breaker.run(async () => {
          try {
            const opened = await send(streams, { ...request, method: 'GET', query }, idle.signal, 0)
            if (isSuccess(opened)) return opened
            throw await toStatusError(opened)
          } catch (error) {
            throw idle.explain(error)
          }
        })
        let isReplaced = false
        const replace = () => {
          isReplaced = true
          answer.body.destroy()
        }
        openStreams.add(replace)
        try {
          idle.restart()
          request.onOpen?.()
          const chunks = tell(answer.body as AsyncIterable<Uint8Array>, (count) => {
            hear()
            request.onBytes?.(count)
          })
          for await (const line of readJsonLines(chunks, limits.objectBytesMax)) {
            idle.restart()
            if (!isWatchEvent(line)) {
              throw new ClusterError('protocol', { message: 'sent no watch event' })
            }
            yield line
          }
        } catch (error) {
          // As if the server had ended it: the next one goes on from there with the new token.
          if (!isReplaced) throw error
        } finally {
          openStreams.delete(replace)
          answer.body.destroy()
        }
      } catch (error) {
        throw idle.explain(error)
      } finally {
        idle.clear()
      }
    },

    heardAt: () => heardAt,

    renew: (next) => {
      if (next.token === null || !isSameButToken(initial, next)) return false
      credential = next
      tokens = [next.token, ...tokens].slice(0, tokensRemembered)
      for (const replace of openStreams) {
        openStreams.delete(replace)
        setTimeout(replace, limits.streamRenewalMs * (0.2 + 0.8 * timing.random())).unref()
      }
      return true
    },

    close: async ({ graceMs = 10_000 } = {}) => {
      const pools = [requests, streams]
      const cut = setTimeout(() => {
        for (const pool of pools) void pool.destroy().catch(() => {})
      }, graceMs).unref()
      await Promise.allSettled(pools.map((pool) => pool.close()))
      clearTimeout(cut)
    },
  }
}

const tokensRemembered = 3
/** A Status is short; a page of a proxy's HTML need not be read to its end. */
const statusBytesMax = 256 * 1024

function isSameButToken(a: ClusterCredential, b: ClusterCredential): boolean {
  return (
    a.server === b.server &&
    a.ca === b.ca &&
    a.tlsServerName === b.tlsServerName &&
    a.proxyUrl === b.proxyUrl &&
    a.verifyTls === b.verifyTls &&
    a.clientCertificate === null &&
    b.clientCertificate === null
  )
}

function createConnector(
  credential: ClusterCredential,
  { addresses, resolve = createResolve(systemTiming), sockets }: TransportOptions,
  timeout: number,
): buildConnector.connector {
  const lookup = createLookup(addresses, resolve)
  const connect = buildConnector({
    allowH2: false,
    timeout,
    lookup,
    rejectUnauthorized: credential.verifyTls,
    ...(isIP(credential.tlsServerName ?? '') !== 0 && {
      checkServerIdentity: (_: string, certificate: PeerCertificate) =>
        checkServerIdentity(credential.tlsServerName!, certificate),
    }),
    // One for all connections: each would else parse and keep the authorities again.
    secureContext: createSecureContext({
      ...(credential.ca !== null && { ca: credential.ca }),
      ...(credential.clientCertificate && {
        cert: credential.clientCertificate.certificate,
        key: credential.clientCertificate.key,
      }),
    }),
  })
  return (target, done) => {
    const blocked = describeBlockedHost(target, addresses)
    if (blocked !== null) return done(blockedAddress(blocked), null)
    const release = sockets ? sockets.take() : () => {}
    if (release === null) return done(noDescriptor(), null)
    const callback: buildConnector.Callback = (...[error, socket]) => {
      if (error) {
        release()
        return done(error, null)
      }
      socket.once('close', release)
      done(null, socket)
    }
    const named = nameServer(target, credential.tlsServerName)
    if (credential.proxyUrl === null) return connect(named, callback)
    const blockedProxy = describeBlockedHost(new URL(credential.proxyUrl), addresses)
    if (blockedProxy !== null) return callback(blockedAddress(blockedProxy), null)
    openTunnel(target, { proxyUrl: credential.proxyUrl, lookup, timeoutMs: timeout }).then(
      (httpSocket) => connect({ ...named, httpSocket }, callback),
      (error: ClusterError) => callback(error, null),
    )
  }
}

/** An address is never sent as SNI (RFC 6066 §3): undici sends none where the host is one. */
function nameServer(target: buildConnector.Options, name: string | null): buildConnector.Options {
  if (name === null) return target
  return isIP(name) === 0 ? { ...target, servername: name } : { ...target, host: name }
}

/** Drops the addresses that the hub may not connect to, so that a name cannot lead where an address may not. */
function createLookup(policy: AddressPolicy, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      const allowed = found.filter(
        ({ address }) => describeBlockedAddress(address, policy) === null,
      )
      const [first] = allowed
      if (!first) {
        const blocked = found[0] && describeBlockedAddress(found[0].address, policy)
        return callback(blockedAddress(blocked ?? 'no address'), '', 0)
      }
      if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

function tooManyWaiting(): ClusterError {
  return new ClusterError('throttled', {
    message: 'has too many requests of the hub waiting for it',
    retryAfterSeconds: 1,
  })
}

function noDescriptor(): ClusterError {
  return new ClusterError('no-descriptor', { message: 'has its share of the open sockets in use' })
}

function blockedAddress(what: string): ClusterError {
  return new ClusterError('blocked-address', {
    message: `resolves to ${what}, which the hub does not connect to`,
  })
}

/** Built from nothing: no header of a caller ever reaches a cluster. */
function buildHeaders(
  credential: ClusterCredential,
  version: string,
  request: Pick<KubeRequest, 'body' | 'contentType' | 'requestId' | 'impersonate'>,
): Record<string, string | string[]> {
  const { requestId } = request
  return {
    accept: 'application/json',
    'user-agent': `kubeairunway-hub/${version}`,
    ...(credential.token !== null && { authorization: `Bearer ${credential.token}` }),
    ...(requestId !== undefined &&
      /^[A-Za-z0-9_-]{1,60}$/.test(requestId) && { 'audit-id': `hub-${requestId}` }),
    ...(request.body !== undefined && {
      'content-type': request.contentType ?? 'application/json',
    }),
    ...(request.impersonate && impersonationHeaders(request.impersonate)),
  }
}

/** The pool, telling when a request has a connection and begins to be written there. */
function tellStart(pool: Pool, onSend: (() => void) | undefined): Dispatcher {
  if (!onSend) return pool
  return pool.compose((dispatch) => (options, handler) => {
    const { onRequestStart } = handler
    handler.onRequestStart = (controller, context) => {
      onRequestStart?.call(handler, controller, context)
      // Whoever waited no longer has just ended it, unwritten.
      if (!controller.aborted) onSend()
    }
    return dispatch(options, handler)
  })
}

function queryString(query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  if (pairs.length === 0) return ''
  return `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()}`
}

/** Items that were delivered once must not be delivered twice. */
function isRepeatable({ isList, method }: KubeRequest): boolean {
  return method === 'GET' && isList !== true
}

async function* tell(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: WatchRequest['onBytes'],
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    onBytes?.(chunk.byteLength)
    yield chunk
  }
}

async function readBody(answer: Dispatcher.ResponseData, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > bytesMax) {
      throw new ClusterError('protocol', { message: `answered with more than ${bytesMax} bytes` })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function isSuccess(answer: Dispatcher.ResponseData): boolean {
  return answer.statusCode >= 200 && answer.statusCode < 300
}

function header(answer: Dispatcher.ResponseData, name: string): string | null {
  const value = answer.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

const watchEventTypes = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

function isWatchEvent(line: unknown): line is WatchEvent {
  return (
    isRecord(line) &&
    typeof line.type === 'string' &&
    watchEventTypes.has(line.type) &&
    isRecord(line.object)
  )
}

/** A signal that aborts with the caller's, or when `ms` passed since the last restart; null sets no limit. */
function limitTime(ms: number | null, outer: AbortSignal | undefined) {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let timedOut = false
  const start = () => {
    if (ms === null) return
    timer = setTimeout(() => {
      timedOut = true
      controller.abort()
    }, ms).unref()
  }
  const abort = () => controller.abort()
  if (outer?.aborted) abort()
  else outer?.addEventListener('abort', abort)
  start()
  return {
    signal: controller.signal,
    restart: () => {
      clearTimeout(timer)
      start()
    },
    clear: () => {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    },
    explain: (error: unknown): ClusterError =>
      timedOut
        ? new ClusterError('timeout', { message: 'did not answer in time', cause: error })
        : networkError(error),
  }
}
