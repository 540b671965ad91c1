import type { ApiGroup, KubeObject, ListWatchEvent } from '#kube'
import type { FleetChangeBody } from './change-log.ts'
import { presentDeployment, type FleetDeployment } from './present-deployment.ts'

/** `appliedAt` marks what the hub itself wrote and put here ahead of the watch. */
type Entry = { deployment: FleetDeployment; json: string; appliedAt: number | null }

export type Snapshot = {
  /** Sorted by namespace and name. */
  list(): readonly FleetDeployment[]
  get(namespace: string, name: string): FleetDeployment | null
  replace(group: ApiGroup, objects: KubeObject[], resourceVersion: string): void
  event(group: ApiGroup, event: ListWatchEvent): void
  /** Puts an object here that the hub just wrote; an older one than is known changes nothing. */
  apply(group: ApiGroup, object: KubeObject): FleetDeployment | null
  remove(target: { namespace: string; name: string; uid: string }): void
  clear(): void
}

/** More differences than this are told as one `reset`. */
const differencesMax = 500
/** How long the watch may take to deliver what the hub wrote. */
const appliedForMs = 60_000

/** What is deployed on one instance. Each method emits what it changed, after it is true here. */
export function createSnapshot(
  instance: string,
  options: { emit: (change: FleetChangeBody) => void; now: () => number },
): Snapshot {
  const { emit, now } = options
  let entries = new Map<string, Entry>()
  let sorted: FleetDeployment[] | null = null

  const put = (deployment: FleetDeployment, appliedAt: number | null) => {
    const entry = { deployment, json: JSON.stringify(deployment), appliedAt }
    entries.set(keyOf(deployment), entry)
    sorted = null
    emit({ type: 'upsert', deployment, json: entry.json })
  }

  const drop = ({ name, namespace, uid }: FleetDeployment) => {
    entries.delete(keyOf({ name, namespace }))
    sorted = null
    emit({ type: 'remove', instance, namespace, name, uid })
  }

  return {
    list: () => {
      sorted ??= [...entries.values()].map(({ deployment }) => deployment).toSorted(compare)
      return sorted
    },
    get: (namespace, name) => entries.get(keyOf({ namespace, name }))?.deployment ?? null,

    replace: (group, objects, resourceVersion) => {
      const previous = entries
      const isAhead = (entry: Entry, of: string) =>
        entry.appliedAt !== null &&
        now() - entry.appliedAt < appliedForMs &&
        isNewer(entry.deployment.resourceVersion, of)
      const next = new Map<string, Entry>()
      const changes: FleetChangeBody[] = []
      for (const object of objects) {
        const deployment = presentDeployment(instance, group, object)
        if (!deployment) continue
        const key = keyOf(deployment)
        const known = previous.get(key)
        const json = JSON.stringify(deployment)
        if (known && (known.json === json || isAhead(known, deployment.resourceVersion))) {
          next.set(key, known)
          continue
        }
        next.set(key, { deployment, json, appliedAt: null })
        changes.push({ type: 'upsert', deployment, json })
      }
      for (const [key, known] of previous) {
        if (next.has(key)) continue
        if (isAhead(known, resourceVersion)) {
          next.set(key, known)
          continue
        }
        const { name, namespace, uid } = known.deployment
        changes.push({ type: 'remove', instance, namespace, name, uid })
      }
      entries = next
      sorted = null
      if (changes.length > differencesMax) emit({ type: 'reset', instance })
      else for (const change of changes) emit(change)
    },

    event: (group, { object, type }) => {
      const deployment = presentDeployment(instance, group, object)
      if (!deployment) return
      const known = entries.get(keyOf(deployment))
      if (type === 'DELETED') {
        // A namesake made since is not what was deleted.
        if (known && !isNewer(known.deployment.resourceVersion, deployment.resourceVersion)) {
          drop(known.deployment)
        }
        return
      }
      if (!known || isNewer(deployment.resourceVersion, known.deployment.resourceVersion)) {
        put(deployment, null)
      }
    },

    apply: (group, object) => {
      const deployment = presentDeployment(instance, group, object)
      if (!deployment) return null
      const known = entries.get(keyOf(deployment))?.deployment
      if (known && !isNewer(deployment.resourceVersion, known.resourceVersion)) return known
      put(deployment, now())
      return deployment
    },

    remove: (target) => {
      const known = entries.get(keyOf(target))?.deployment
      if (known?.uid === target.uid) drop(known)
    },

    clear: () => {
      for (const { deployment } of entries.values()) drop(deployment)
    },
  }
}

function keyOf({ name, namespace }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`
}

function compare(a: FleetDeployment, b: FleetDeployment): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** Whether `a` is a later resourceVersion than `b`; of what is no number the one that came last counts as later. */
function isNewer(a: string, b: string): boolean {
  const isNumber = (version: string) => /^\d{1,40}$/.test(version)
  return isNumber(a) && isNumber(b) ? BigInt(a) > BigInt(b) : a !== b
}
