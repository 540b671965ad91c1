import type { Readable } from 'node:stream'
import { Pool, type Dispatcher } from 'undici'
import { ClusterError } from '../cluster-error.ts'
import { impersonationHeaders } from '../impersonation.ts'
import type { ClusterCredential } from '../cluster-credential.ts'
import type { Streams } from './create-streams.ts'
import type { Answer, Asked, Timeouts } from './exchange.ts'
import type { KubeRequest, Query } from './transport.ts'

/** What of a request is written. */
type Sent = Pick<
  KubeRequest,
  'method' | 'path' | 'query' | 'requestId' | 'impersonate' | 'ownToken' | 'onSend'
> & {
  body: string | Uint8Array | Readable | null
  /** Of the body, and of what answer is wanted: all others are the hub's own. */
  headers: Readonly<Record<string, string>>
}

type JsonParts = Pick<KubeRequest, 'body' | 'contentType' | 'isMetadataOnly'>

/** Writes one request, and returns its answer with the body still to come. `streams` take none with a body. */
export type Send = (
  way: Pool | Streams,
  request: Sent,
  signal: AbortSignal,
  timeouts: Timeouts,
) => Promise<Answer>

export function createSend(options: {
  server: URL
  version: string
  /** As of now: its token may have been replaced. */
  credential: () => ClusterCredential
  onAnswer: () => void
}): Send {
  const basePath = options.server.pathname.replace(/\/$/, '')
  return async (way, request, signal, timeouts) => {
    const asked: Asked = {
      method: request.method,
      path: `${basePath}${request.path}${queryString(request.query)}`,
      headers: buildHeaders(options.credential(), options.version, request),
      body: request.body,
      signal,
      ...timeouts,
    }
    const answer =
      way instanceof Pool
        ? await tellStart(way).request({ ...asked, onSend: request.onSend })
        : await way.request(asked)
    // Destroying a body that nobody reads yet must not become an uncaught error.
    answer.body.on('error', () => {})
    options.onAnswer()
    return answer
  }
}

/** How a request is written whose body and answer are JSON. */
export function asJson({
  body,
  contentType = 'application/json',
  isMetadataOnly = false,
}: JsonParts) {
  const accept = isMetadataOnly
    ? 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
    : 'application/json'
  return body === undefined
    ? { body: null, headers: { accept } }
    : { body: JSON.stringify(body), headers: { accept, 'content-type': contentType } }
}

/** Built from nothing: no header of a caller ever reaches a cluster. */
function buildHeaders(
  credential: ClusterCredential,
  version: string,
  { headers, impersonate, ownToken, requestId }: Sent,
): Record<string, string | string[]> {
  if (ownToken && impersonate) {
    throw new ClusterError('forbidden', { message: 'a request is from one person' })
  }
  const token = ownToken ? ownToken.reveal() : credential.token
  return {
    ...headers,
    'user-agent': `kubeairunway-hub/${version}`,
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...(requestId !== undefined &&
      /^[A-Za-z0-9_-]{1,60}$/.test(requestId) && { 'audit-id': `hub-${requestId}` }),
    ...(impersonate && impersonationHeaders(impersonate)),
  }
}

/** Of each pool one, made once. */
const telling = new WeakMap<Pool, Dispatcher>()

type TellingOptions = Dispatcher.RequestOptions & { onSend?: (() => void) | undefined }

/** The pool, telling when a request has a connection and begins to be written there, by an option of the request. */
function tellStart(pool: Pool): {
  request(options: TellingOptions): Promise<Dispatcher.ResponseData>
} {
  const known = telling.get(pool)
  if (known) return known
  const made = pool.compose((dispatch) => (options, handler) => {
    const { onSend } = options as TellingOptions
    if (!onSend) return dispatch(options, handler)
    const { onRequestStart } = handler
    // Not assigned where it is written: V8 keeps such a function, and with it the whole request, until a full collection.
    const tell: typeof onRequestStart = (controller, context) => {
      onRequestStart?.call(handler, controller, context)
      // Whoever waited no longer has just ended it, unwritten.
      if (!controller.aborted) onSend()
    }
    handler.onRequestStart = tell
    return dispatch(options, handler)
  })
  telling.set(pool, made)
  return made
}

function queryString(query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
  if (pairs.length === 0) return ''
  return `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()}`
}
