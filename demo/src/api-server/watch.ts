import type { ServerResponse } from 'node:http'
import { parseResourceVersion } from './list.ts'
import type { Representation } from './negotiation.ts'
import { readInteger } from './request-context.ts'
import type { ResourceContext } from './request-context.ts'
import { isTrue } from './request-info.ts'
import { apiVersionOf, collectionOf } from './resource.ts'
import { parseFieldSelector, parseLabelSelector } from './selectors.ts'
import { ApiError, fieldError, invalid } from './status.ts'
import type { StorageEvent, StoredObject } from './storage.ts'
import { toPartialMetadata, toTable } from './table.ts'

const defaultTimeoutSeconds = 1800
/** A watcher that does not read is cut off: it starts again from where it was. */
const unreadBytesMax = 16 * 1024 * 1024
const bookmarkBeforeEndMs = 2_000

type Emitted = { type: string; stored: StoredObject }

/** Streams changes as JSON lines until the timeout, the client or the server ends it. */
export function watchObjects(
  context: ResourceContext,
  representation: Representation,
  response: ServerResponse,
): void {
  const { storage, resource, namespace, info, bookmarkIntervalMs } = context
  const { query } = info
  const timeoutSeconds =
    readInteger(query, 'timeoutSeconds') ?? defaultTimeoutSeconds * (1 + Math.random())
  const labels = parseLabelSelector(query.get('labelSelector'))
  const fields = parseFieldSelector(query.get('fieldSelector'), resource.selectableFields)
  const version = query.get('resourceVersion') ?? ''
  const allowsBookmarks = isTrue(query.get('allowWatchBookmarks'))
  checkInitialEventsOptions(query)
  // "Any version" starts with the present state too, and marks its end when bookmarks are allowed.
  const startsWithState =
    isTrue(query.get('sendInitialEvents')) || version === '' || version === '0'
  const since =
    version === '' ? 0 : parseResourceVersion(version, (why) => new ApiError(500, '', why))
  const collection = collectionOf(resource)

  const selects = (stored: StoredObject | undefined): stored is StoredObject =>
    stored !== undefined &&
    (namespace === '' || stored.namespace === namespace) &&
    labels(stored.object) &&
    fields(stored.object)
  const send = (line: string) => {
    // Its time is up, and the client has not taken the end yet.
    if (response.writableEnded) return
    if (response.writableLength > unreadBytesMax) response.destroy()
    else response.write(line)
  }
  const emit = ({ type, stored }: Emitted) =>
    send(renderEvent(context, representation, type, stored))
  const emitChange = (event: StorageEvent) => {
    const emitted = toEmitted(event, selects)
    if (emitted) emit(emitted)
  }
  const emitBookmark = (isInitialEnd: boolean) => {
    // What the client asked from is no news to it.
    if (isInitialEnd || storage.revision() > since) send(renderBookmark(context, isInitialEnd))
  }

  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  if (startsWithState) {
    for (const stored of storage.list(collection)!) {
      if (selects(stored)) emit({ type: 'ADDED', stored })
    }
    if (allowsBookmarks) emitBookmark(true)
  } else {
    const missed = storage.eventsSince(collection, since)
    if (!missed) {
      const message = `too old resource version: ${since} (${storage.revision()})`
      const { status } = new ApiError(410, 'Expired', message)
      response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
      return
    }
    missed.forEach(emitChange)
  }

  const unsubscribe = storage.subscribe(collection, (event) => {
    // A version from the future: silence until the cluster has come that far.
    if (startsWithState || event.revision > since) emitChange(event)
  })
  const timers = [setTimeout(() => response.end(), timeoutSeconds * 1000)]
  if (allowsBookmarks) {
    timers.push(setInterval(() => emitBookmark(false), bookmarkIntervalMs))
    const beforeEndMs = timeoutSeconds * 1000 - bookmarkBeforeEndMs
    if (beforeEndMs > 0 && beforeEndMs < 2 ** 31)
      timers.push(setTimeout(() => emitBookmark(false), beforeEndMs))
  }
  response.once('close', () => {
    unsubscribe()
    timers.forEach(clearTimeout)
  })
}

/** With selectors an object can enter or leave what is watched without being made or deleted. */
function toEmitted(
  event: StorageEvent,
  selects: (stored: StoredObject | undefined) => boolean,
): Emitted | undefined {
  const was = selects(event.previous)
  const is = event.type !== 'DELETED' && selects(event.object)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', stored: event.object }
  return was ? { type: 'DELETED', stored: event.object } : undefined
}

function renderEvent(
  { resource, info }: ResourceContext,
  representation: Representation,
  type: string,
  stored: StoredObject,
): string {
  if (representation === 'object') return `{"type":"${type}","object":${stored.json}}\n`
  const object =
    representation === 'table'
      ? toTable(resource, [stored], { resourceVersion: String(stored.revision) }, info.query)
      : toPartialMetadata(stored.object)
  return `${JSON.stringify({ type, object })}\n`
}

function renderBookmark({ storage, resource }: ResourceContext, isInitialEnd: boolean): string {
  const object = {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: {
      resourceVersion: String(storage.revision()),
      ...(isInitialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    },
    ...(!resource.custom && { spec: {}, status: {} }),
  }
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`
}

function checkInitialEventsOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? ''
  const field = 'resourceVersionMatch'
  const refuse = (detail: string) =>
    invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      fieldError.forbidden(field, detail),
    ])
  if (query.has('sendInitialEvents')) {
    if (match !== 'NotOlderThan') {
      throw refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
    }
  } else if (match !== '')
    throw refuse('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
}
