import type { PrivateText } from '#secrets'
import type { AddressPolicy } from '../addresses.ts'
import type { ClusterError } from '../cluster-error.ts'
import type { Impersonation } from '../impersonation.ts'
import type { KubePath } from '../kube-path.ts'
import type { KubeObject, WatchEvent } from '../objects.ts'
import type { ClusterCredential } from '../cluster-credential.ts'
import type { Resolve } from './resolve-name.ts'
import type { Timing } from '../timing.ts'

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
  /** What is there is no API server: nothing that it answers is read as the word of one. */
  isDirect?: boolean
}

export type TransportLimits = {
  /** Reads and writes in flight; further ones wait within their own time limit. */
  connections: number
  /** How many may wait; more are refused at once. */
  queue: number
  /**
   * Watches and the lists before them, kept apart so that requests never starve them, nor they requests: so many
   * connections at most, which is one where the server speaks HTTP/2.
   */
  streams: number
  /** Logs that pass through as they come, apart from both: more are refused at once. */
  passages: number
  /** What passes through from behind the cluster, its models: neither takes the place of the other. */
  forwarded: number
  connectTimeoutMs: number
  /** How long a connection stays that nothing uses, whatever the server promises; longer than probes are apart. */
  idleMs: number
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
  /** The longest that a watch goes on with a token that was replaced: most end by themselves before. */
  streamRenewalMs: number
}

const mebibyte = 1024 * 1024

export const defaultLimits: TransportLimits = {
  connections: 16,
  queue: 256,
  streams: 128,
  passages: 64,
  forwarded: 512,
  connectTimeoutMs: 5_000,
  idleMs: 45_000,
  headersTimeoutMs: 15_000,
  bodyTimeoutMs: 15_000,
  requestTimeoutMs: 30_000,
  bodyBytesMax: 2 * mebibyte,
  listBytesMax: 32 * mebibyte,
  objectBytesMax: 2 * mebibyte,
  streamRenewalMs: 300_000,
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
  /** Of the object its metadata alone is wanted, and nothing else ever comes. */
  isMetadataOnly?: boolean
  /** Finds out whether the cluster answers again, also while other requests are not even tried. */
  isProbe?: boolean
  /** On behalf of whom: the cluster's own rules then decide for this person too. */
  impersonate?: Impersonation
  /** The caller's own token, sent in place of all that the credential shows; never with `impersonate`. */
  ownToken?: PrivateText
  /** Called when the request begins to be written: from then on the cluster may do as asked, whatever comes back. */
  onSend?: () => void
}

/**
 * `body` is the answer's JSON as it came: `T` is the caller's claim, and a CRD's objects keep no promise. `warnings` are
 * what the cluster and its webhooks say of what they did all the same.
 */
export type KubeResponse<T> = {
  status: number
  body: T
  auditId: string | null
  warnings: readonly string[]
}

export type WatchRequest = {
  path: KubePath
  query?: Query
  requestId?: string
  signal?: AbortSignal
  /** Ends the watch with a `timeout` when no line came for so long. */
  idleTimeoutMs?: number
  /**
   * Ends the watch, as if the server had, when no byte came for so long, and finds out whether its connection is still
   * alive (PING, RFC 9113 §6.7): meanwhile what is asked takes another one.
   */
  silenceMs?: number
  /** Called when the server accepted the watch, before its first event. */
  onOpen?: () => void
  /** Told of all bytes as they come; what it throws ends the watch. */
  onBytes?: (count: number) => void
}

/** What is answered byte by byte, for as long as it takes: a log, or what stands behind the cluster's service proxy. */
export type PassageRequest = Pick<
  KubeRequest,
  'method' | 'path' | 'query' | 'requestId' | 'signal' | 'impersonate' | 'ownToken' | 'onSend'
> & {
  /** Sent as it is. */
  body?: Uint8Array | ReadableStream<Uint8Array> | null
  /** Of the body, and of what answer is wanted: all others are the hub's own. */
  headers?: Readonly<Record<string, string>>
  /** The longest until the answer begins; that of requests by default. */
  timeoutMs?: number
  /** Ends the answer with a `timeout` when nothing came for so long; without, silence ends nothing. */
  idleTimeoutMs?: number
  /**
   * Somebody behind the cluster answers: only what the cluster itself says of it is an error, and that nobody answers in
   * time says nothing of the cluster.
   */
  isForwarded?: boolean
  /** What a reader of the body is told where it breaks off; a ClusterError by default. */
  toError?: (error: ClusterError) => Error
}

export type Passage = {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Cancelling it ends the request. */
  body: ReadableStream<Uint8Array>
  /** In place of `body`, for what comes in many small pieces; not for what `isForwarded`. */
  intake: Intake
  auditId: string | null
}

/**
 * All that has come since, taken when there is time for it (null: nothing). What is not taken is gathered, and then the
 * cluster waits. `onReadable` is called when something came, `onEnd` when nothing comes any more; what came before can
 * still be taken then. Whoever leaves earlier aborts the request.
 */
export type Intake = (on: {
  onReadable: () => void
  onEnd: (error: Error | null) => void
}) => () => Uint8Array | null

/** The one way to a cluster, for one credential. */
export type Transport = {
  /** Throws ClusterError on anything but a 2xx with a JSON body. */
  request<T = unknown>(request: KubeRequest): Promise<KubeResponse<T>>
  /** Events until the server ends the watch; throws ClusterError. Leaving the loop ends the request. */
  watch(request: WatchRequest): AsyncGenerator<WatchEvent, void, undefined>
  /** Resolves when the answer begins. Throws ClusterError on anything but a 2xx, unless it `isForwarded`. */
  open(request: PassageRequest): Promise<Passage>
  /**
   * Takes the token of a credential that is otherwise the same: requests use it at once, on the connections that are
   * open, and watches when they are opened anew, which is within five minutes. False, and nothing changed, where more than
   * the token differs.
   */
  renew(credential: ClusterCredential): boolean
  /** When anything last came from there, in the time of `timing`. */
  heardAt(): number
  /** Lets what is in flight finish for `graceMs` (10 s), then cuts it off. */
  close(options?: { graceMs?: number }): Promise<void>
}
