import type { ApiGroup, KubeObject, ListWatchEvent, Size } from '#kube'
import type { FleetChangeBody } from './change-log.ts'
import {
  createEntryStore,
  type FleetEntry,
  type KeptEntry,
  type NamespaceEntries,
} from './entry-store.ts'
import type { OrderField } from './order-entries.ts'
import { createRecount, type Recounted } from './recount-entries.ts'
import { createReplace } from './replace-entries.ts'
import { appliedForMs, isNewer, keepEntry } from './snapshot-entry.ts'
import type { FleetDeployment } from './read-deployment.ts'
import { createEntryReader, type EntryReaderOptions } from './read-entry.ts'

export type Snapshot = {
  /** Sorted by namespace and name. */
  list(): readonly FleetDeployment[]
  /** Sorted by namespace; none is empty. */
  namespaces(): readonly NamespaceEntries[]
  /** All of them, ascending. */
  ordered(field: OrderField): readonly FleetEntry[]
  get(namespace: string, name: string): FleetDeployment | null
  size(): Size
  /** What would be kept of an object; null for nothing. */
  read(group: ApiGroup, object: KubeObject): KeptEntry | null
  /** All there is of one namespace; of all namespaces where `namespace` is null. */
  replace(read: readonly KeptEntry[], resourceVersion: string, namespace?: string | null): void
  event(group: ApiGroup, event: ListWatchEvent): void
  /** Puts an object here that the hub just wrote; one that is older than is known, or gone since, changes nothing. */
  apply(group: ApiGroup, object: KubeObject): FleetDeployment | null
  /** What is read around these deployments is another, or may or may not be read now. */
  recount(of: Recounted): void
  /** One of them with what of its object tells how it is. */
  find(namespace: string, name: string): FleetEntry | undefined
  remove(target: { namespace: string; name: string; uid: string }): void
  clear(): void
}

const goneMax = 10_000

export type SnapshotOptions = EntryReaderOptions & {
  emit: (change: FleetChangeBody) => void
  now: () => number
}

/** What is deployed on one instance. Each method emits what it changed, after it is true here. */
export function createSnapshot(instance: string, options: SnapshotOptions): Snapshot {
  const { emit, now } = options
  const store = createEntryStore()
  const { find, namespaces, unset } = store
  /** By uid, in the order of their end: the cluster's answer to a deletion may come after the watch's word of its end. */
  const gone = new Map<string, number>()

  const bury = (uid: string) => {
    gone.set(uid, now())
    for (const [oldest, at] of gone) {
      if (now() - at < appliedForMs && gone.size <= goneMax) break
      gone.delete(oldest)
    }
  }

  const put = (entry: KeptEntry) => emit(keepEntry(store, entry))

  const drop = (deployment: FleetDeployment) => {
    const { name, namespace, uid } = deployment
    unset(deployment)
    bury(uid)
    emit({ type: 'remove', instance, namespace, name, uid })
  }

  const { complete, countRecount, read, renew } = createEntryReader(instance, options)

  const recount = createRecount({
    instance,
    store,
    emit,
    complete: ({ deployment, object }) => complete(deployment, object),
  })

  return {
    list: () => namespaces().flatMap(({ entries }) => entries.map(({ deployment }) => deployment)),
    namespaces,
    ordered: store.ordered,
    get: (namespace, name) => find(namespace, name)?.deployment ?? null,
    size: store.size,
    find,
    read,

    replace: createReplace({ instance, store, emit, now, bury, renew }),

    event: (group, { object, type }) => {
      const entry = read(group, object)
      if (!entry) return
      const { deployment } = entry
      const known = find(deployment.namespace, deployment.name)
      if (type === 'DELETED') {
        // A namesake made since is not what was deleted.
        if (known && !isNewer(known.deployment.resourceVersion, deployment.resourceVersion)) {
          drop(known.deployment)
        } else bury(deployment.uid)
        return
      }
      if (!known || isNewer(deployment.resourceVersion, known.deployment.resourceVersion)) {
        put(entry)
      }
    },

    apply: (group, object) => {
      const entry = read(group, object, now())
      if (!entry) return null
      const { deployment } = entry
      if (gone.has(deployment.uid)) return null
      const known = find(deployment.namespace, deployment.name)?.deployment
      if (known && !isNewer(deployment.resourceVersion, known.resourceVersion)) return known
      put(entry)
      return deployment
    },

    recount: (of) => {
      countRecount()
      recount(of)
    },

    remove: (target) => {
      const known = find(target.namespace, target.name)?.deployment
      if (known?.uid === target.uid) drop(known)
    },

    clear: () => {
      store.unsort()
      for (const { deployment } of store.all(null)) drop(deployment)
    },
  }
}
