import { statusOfDeployment } from '@hub/shared'
import type { ApiGroup, KubeObject, ListWatchEvent, Size } from '#kube'
import type { FleetChangeBody } from './change-log.ts'
import {
  createEntryStore,
  type FleetEntry,
  type KeptEntry,
  type NamespaceEntries,
} from './entry-store.ts'
import type { OrderField } from './order-entries.ts'
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

/** More differences than this are told as one `reset`. */
const differencesMax = 500
/** How long the watch may take to deliver what the hub wrote. */
const appliedForMs = 60_000
const goneMax = 10_000

/** What is deployed on one instance. Each method emits what it changed, after it is true here. */
export function createSnapshot(
  instance: string,
  options: {
    emit: (change: FleetChangeBody) => void
    now: () => number
    /** What the pods of a deployment tell; null where they may not be read. */
    podsOf?: (namespace: string, name: string) => PodTally | null
  },
): Snapshot {
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

    replace: (read, resourceVersion, namespace = null) => {
      const isAhead = (entry: KeptEntry, of: string) =>
        entry.appliedAt !== null &&
        now() - entry.appliedAt < appliedForMs &&
        isNewer(entry.deployment.resourceVersion, of)
      if (read.length > differencesMax) store.unsort()
      const seen = new Set<string>()
      const changes: FleetChangeBody[] = []
      for (const { deployment, openJson, status } of read) {
        if (namespace !== null && deployment.namespace !== namespace) continue
        seen.add(keyOf(deployment))
        const known = find(deployment.namespace, deployment.name)
        if (known && (known.openJson === openJson || isAhead(known, deployment.resourceVersion))) {
          continue
        }
        const entry = { deployment, openJson, status, appliedAt: null }
        set(entry)
        changes.push(describeUpsert(known, entry))
      }
      for (const entry of store.all(namespace)) {
        const { deployment } = entry
        if (seen.has(keyOf(deployment)) || isAhead(entry, resourceVersion)) continue
        unset(deployment)
        bury(deployment.uid)
        const { name, namespace: of, uid } = deployment
        changes.push({ type: 'remove', instance, namespace: of, name, uid })
      }
      if (changes.length > differencesMax) emit({ type: 'reset', instance })
      else for (const change of changes) emit(change)
    },

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

    recount: (of) => {
      const entries = of
        ? of.flatMap(({ name, namespace }) => find(namespace, name) ?? [])
        : store.all(null)
      const changed: KeptEntry[] = []
      for (const entry of entries) {
        const counted = count(entry.deployment)
        if (isSameCount(entry.deployment, counted)) continue
        // That there are no pods is no news, only that they were read.
        if (isFirstNone(entry.deployment, counted)) set(createEntry(counted, entry.appliedAt))
        else changed.push(createEntry(counted, entry.appliedAt))
      }
      for (const entry of changed) {
        set(entry)
        const { deployment, openJson } = entry
        const change = { type: 'upsert', deployment, openJson, isInPlace: true } as const
        if (changed.length <= differencesMax) emit(change)
      }
      if (changed.length > differencesMax) emit({ type: 'reset', instance })
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

function createEntry(deployment: FleetDeployment, appliedAt: number | null): KeptEntry {
  const openJson = JSON.stringify(deployment).slice(0, -1)
  return { deployment, openJson, status: statusOfDeployment(deployment), appliedAt }
}

function describeUpsert(before: FleetEntry | undefined, entry: FleetEntry): FleetChangeBody {
  const { deployment, openJson } = entry
  return { type: 'upsert', deployment, openJson, isInPlace: isInPlace(before, entry) }
}

/** Whether all that lists filter, count and sort by is as it was. */
function isInPlace(before: FleetEntry | undefined, { deployment, status }: FleetEntry): boolean {
  if (before?.status !== status) return false
  const { createdAt, engine, model, phase, runtime, uid } = before.deployment
  return (
    uid === deployment.uid &&
    phase === deployment.phase &&
    createdAt === deployment.createdAt &&
    engine === deployment.engine &&
    runtime === deployment.runtime &&
    model.id === deployment.model.id &&
    model.servedName === deployment.model.servedName
  )
}

function isSameCount(a: FleetDeployment, b: FleetDeployment): boolean {
  return a.gpus.held === b.gpus.held && a.replicas.running === b.replicas.running
}

function isFirstNone(before: FleetDeployment, after: FleetDeployment): boolean {
  return before.gpus.held === null && after.gpus.held === 0 && !after.replicas.running
}

function keyOf({ name, namespace }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`
}

/** Whether `a` is a later resourceVersion than `b`; of what is no number the one that came last counts as later. */
function isNewer(a: string, b: string): boolean {
  const isNumber = (version: string) => /^\d{1,40}$/.test(version)
  return isNumber(a) && isNumber(b) ? BigInt(a) > BigInt(b) : a !== b
}
