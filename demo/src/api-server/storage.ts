import type { KubeObject } from '../objects.ts'

/** One version of one object. Never changed in place: a change makes the next version. */
export type StoredObject = {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly revision: number
  readonly object: KubeObject
  /** The object as JSON, starting with its kind and apiVersion; made once, sent many times. */
  readonly json: string
}

export type StorageEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: number
  /** The object after the change; after a deletion: its last state with the revision of the end. */
  readonly object: StoredObject
  readonly previous: StoredObject | undefined
}

type StorageListener = (event: StorageEvent) => void

/** What etcd and the watch cache are to Kubernetes: objects, one revision counter, a bounded past. */
export type Storage = {
  revision(): number
  find(collection: string, namespace: string, name: string): StoredObject | undefined
  /** Sorted by namespace and name; `undefined` when the past does not reach back to the revision. */
  list(
    collection: string,
    options?: { namespace?: string; atRevision?: number },
  ): StoredObject[] | undefined
  create(collection: string, object: KubeObject): StoredObject
  update(collection: string, previous: StoredObject, object: KubeObject): StoredObject
  remove(collection: string, stored: StoredObject, lastState?: KubeObject): StoredObject
  /** Changes after the revision, oldest first; `undefined` when the past does not reach that far. */
  eventsSince(collection: string, revision: number): readonly StorageEvent[] | undefined
  subscribe(collection: string, listener: StorageListener): () => void
  /** Every collection that was ever written. */
  collections(): string[]
  subscribeToAll(listener: (collection: string, event: StorageEvent) => void): () => void
  /** Forgets the past, as etcd's compaction does: watches and pages of older revisions expire. */
  compact(): void
}

type Collection = {
  objects: Map<string, StoredObject>
  sortedKeys: string[]
  events: StorageEvent[]
  compactedRevision: number
  listeners: Set<StorageListener>
}

export function createStorage(options: { historyLimit?: number } = {}): Storage {
  const historyLimit = options.historyLimit ?? 10_000
  const byName = new Map<string, Collection>()
  const allListeners = new Set<(collection: string, event: StorageEvent) => void>()
  let revision = 1

  const open = (name: string): Collection => {
    let collection = byName.get(name)
    if (!collection) {
      collection = {
        objects: new Map(),
        sortedKeys: [],
        events: [],
        compactedRevision: 0,
        listeners: new Set(),
      }
      byName.set(name, collection)
    }
    return collection
  }

  const record = (name: string, collection: Collection, event: StorageEvent) => {
    collection.events.push(event)
    // Trimmed in blocks, so that a long history costs one move per block and not one per change.
    if (collection.events.length > historyLimit * 1.25) {
      const dropped = collection.events.splice(0, collection.events.length - historyLimit)
      collection.compactedRevision = dropped.at(-1)!.revision
    }
    for (const listener of collection.listeners) listener(event)
    for (const listener of allListeners) listener(name, event)
  }

  const eventsSince = (collection: Collection, since: number) => {
    if (since < collection.compactedRevision) return undefined
    return collection.events.slice(findFirst(collection.events, (event) => event.revision > since))
  }

  return {
    revision: () => revision,
    find: (name, namespace, objectName) =>
      byName.get(name)?.objects.get(toKey(namespace, objectName)),
    list: (name, { namespace, atRevision } = {}) => {
      const collection = open(name)
      let { objects, sortedKeys } = collection
      if (atRevision !== undefined && atRevision < revision) {
        const later = eventsSince(collection, atRevision)
        if (!later) return undefined
        if (later.length > 0) {
          objects = undo(objects, later)
          sortedKeys = [...objects.keys()].toSorted()
        }
      }
      const prefix = namespace === undefined ? '' : `${namespace}/`
      const found: StoredObject[] = []
      for (let i = findFirst(sortedKeys, (key) => key >= prefix); i < sortedKeys.length; i++) {
        const key = sortedKeys[i]!
        if (!key.startsWith(prefix)) break
        found.push(objects.get(key)!)
      }
      return found
    },
    create: (name, object) => {
      const collection = open(name)
      const stored = toStored(object, ++revision)
      collection.objects.set(stored.key, stored)
      const at = findFirst(collection.sortedKeys, (key) => key >= stored.key)
      collection.sortedKeys.splice(at, 0, stored.key)
      record(name, collection, { type: 'ADDED', revision, object: stored, previous: undefined })
      return stored
    },
    update: (name, previous, object) => {
      const collection = open(name)
      const stored = toStored(object, ++revision)
      collection.objects.set(stored.key, stored)
      record(name, collection, { type: 'MODIFIED', revision, object: stored, previous })
      return stored
    },
    remove: (name, stored, lastState = stored.object) => {
      const collection = open(name)
      const removed = toStored(lastState, ++revision)
      collection.objects.delete(stored.key)
      collection.sortedKeys.splice(
        findFirst(collection.sortedKeys, (key) => key >= stored.key),
        1,
      )
      record(name, collection, { type: 'DELETED', revision, object: removed, previous: stored })
      return removed
    },
    eventsSince: (name, since) => eventsSince(open(name), since),
    subscribe: (name, listener) => {
      const { listeners } = open(name)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    collections: () => [...byName.keys()],
    subscribeToAll: (listener) => {
      allListeners.add(listener)
      return () => allListeners.delete(listener)
    },
    compact: () => {
      for (const collection of byName.values()) {
        collection.events = []
        collection.compactedRevision = revision
      }
    },
  }
}

function toKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

function toStored(object: KubeObject, revision: number): StoredObject {
  const { kind, apiVersion, metadata, ...rest } = object
  const complete: KubeObject = {
    kind: kind!,
    apiVersion: apiVersion!,
    metadata: { ...metadata, resourceVersion: String(revision) },
    ...rest,
  }
  const namespace = metadata.namespace ?? ''
  let json: string | undefined
  return {
    key: toKey(namespace, metadata.name),
    namespace,
    name: metadata.name,
    revision,
    object: complete,
    get json() {
      return (json ??= JSON.stringify(complete))
    },
  }
}

/** The objects as they were before the events happened. */
function undo(
  objects: ReadonlyMap<string, StoredObject>,
  events: readonly StorageEvent[],
): Map<string, StoredObject> {
  const before = new Map(objects)
  for (const event of events.toReversed()) {
    if (event.previous) before.set(event.object.key, event.previous)
    else before.delete(event.object.key)
  }
  return before
}

/** Binary search: the first index whose element satisfies the predicate, else the length. */
function findFirst<T>(sorted: readonly T[], satisfies: (element: T) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (satisfies(sorted[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}
