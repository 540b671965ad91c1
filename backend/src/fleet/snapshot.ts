import type { ApiGroup, KubeObject, ListWatchEvent, Size } from '#kube'
import type { FleetChangeBody } from './change-log.ts'
import { createEntryStore, type FleetEntry, type NamespaceEntries } from './entry-store.ts'
import type { OrderField } from './order-entries.ts'
import { createRecount } from './recount-entries.ts'
import { createReplace } from './replace-entries.ts'
import { appliedForMs, createEntry, describeUpsert, isNewer } from './snapshot-entry.ts'
import {
  countPods,
  presentDeployment,
  type FleetDeployment,
  type PodTally,
} from './present-deployment.ts'

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
  read(group: ApiGroup, object: KubeObject): FleetEntry | null
  /** All there is of one namespace; of all namespaces where `namespace` is null. */
  replace(read: readonly FleetEntry[], resourceVersion: string, namespace?: string | null): void
  event(group: ApiGroup, event: ListWatchEvent): void
  /** Puts an object here that the hub just wrote; one that is older than is known, or gone since, changes nothing. */
  apply(group: ApiGroup, object: KubeObject): FleetDeployment | null
  /** The pods of these deployments are others, or those of all may or may not be read now. */
  recount(of: readonly { namespace: string; name: string }[] | null): void
  remove(target: { namespace: string; name: string; uid: string }): void
  clear(): void
}

const goneMax = 10_000

export type SnapshotOptions = {
  emit: (change: FleetChangeBody) => void
  now: () => number
  /** What the pods of a deployment tell; null where they may not be read. */
  podsOf?: (namespace: string, name: string) => PodTally | null
}

/** What is deployed on one instance. Each method emits what it changed, after it is true here. */
export function createSnapshot(instance: string, options: SnapshotOptions): Snapshot {
  const { emit, now, podsOf = () => null } = options
  const store = createEntryStore()
  const { find, namespaces, set, unset } = store
  /** By uid, in the order of their end: the cluster's answer to a deletion may come after the watch's word of its end. */
  const gone = new Map<string, number>()

  const bury = (uid: string) => {
    gone.set(uid, now())
    for (const [oldest, at] of gone) {
      if (now() - at < appliedForMs && gone.size <= goneMax) break
      gone.delete(oldest)
    }
  }

  const put = (deployment: FleetDeployment, appliedAt: number | null) => {
    const before = find(deployment.namespace, deployment.name)
    const entry = createEntry(deployment, appliedAt)
    set(entry)
    emit(describeUpsert(before, entry))
  }

  const drop = (deployment: FleetDeployment) => {
    const { name, namespace, uid } = deployment
    unset(deployment)
    bury(uid)
    emit({ type: 'remove', instance, namespace, name, uid })
  }

  const present = (group: ApiGroup, object: KubeObject) => {
    const deployment = presentDeployment(instance, group, object)
    return deployment && count(deployment)
  }

  const count = (deployment: FleetDeployment) =>
    countPods(deployment, podsOf(deployment.namespace, deployment.name))

  return {
    list: () => namespaces().flatMap(({ entries }) => entries.map(({ deployment }) => deployment)),
    namespaces,
    ordered: store.ordered,
    get: (namespace, name) => find(namespace, name)?.deployment ?? null,
    size: store.size,
    read: (group, object) => {
      const deployment = present(group, object)
      return deployment && createEntry(deployment, null)
    },

    replace: createReplace({ instance, store, emit, now, bury }),

    event: (group, { object, type }) => {
      const deployment = present(group, object)
      if (!deployment) return
      const known = find(deployment.namespace, deployment.name)
      if (type === 'DELETED') {
        // A namesake made since is not what was deleted.
        if (known && !isNewer(known.deployment.resourceVersion, deployment.resourceVersion)) {
          drop(known.deployment)
        } else bury(deployment.uid)
        return
      }
      if (!known || isNewer(deployment.resourceVersion, known.deployment.resourceVersion)) {
        put(deployment, null)
      }
    },

    apply: (group, object) => {
      const deployment = present(group, object)
      if (!deployment || gone.has(deployment.uid)) return null
      const known = find(deployment.namespace, deployment.name)?.deployment
      if (known && !isNewer(deployment.resourceVersion, known.resourceVersion)) return known
      put(deployment, now())
      return deployment
    },

    recount: createRecount({ instance, store, emit, count }),

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
