import { deploymentFields, type DeploymentStatusFilter } from '@hub/shared'
import type { Size } from '#kube'
import { compareBy, findIndex, primaries, type OrderField } from './order-entries.ts'
import type { FleetDeployment } from './read-deployment.ts'
import type { ObjectFacts } from './read-object-facts.ts'

/**
 * One deployment, serialized once for everybody: `openJson` is its JSON without the closing brace. It stays the same object
 * while the deployment stays where it is in every list: whoever keeps it has what is known now.
 */
export type FleetEntry = {
  readonly deployment: FleetDeployment
  readonly openJson: string
  readonly status: DeploymentStatusFilter
  readonly searchText: string
  /** What of its object tells how it is, beside what is shown. */
  readonly object: ObjectFacts
}

export type NamespaceEntries = {
  readonly namespace: string
  /** Sorted by name. */
  readonly entries: readonly FleetEntry[]
  readonly counts: Readonly<Record<DeploymentStatusFilter, number>>
}

export type KeptEntry = FleetEntry & {
  /** Marks what the hub itself wrote and put here ahead of the watch. */
  appliedAt: number | null
  /** How often deployments had been recounted when it was worked out. */
  recounts: number
}

type Bucket = {
  namespace: string
  byName: Map<string, KeptEntry>
  /** Sorted by name where it `isSorted`, else of no use. */
  entries: KeptEntry[]
  isSorted: boolean
  counts: Record<DeploymentStatusFilter, number>
}

/** The deployments of one instance, in every order that was asked for. What it gives out is good until the next change. */
export type EntryStore = {
  find(namespace: string, name: string): KeptEntry | undefined
  /** True where it changed in place: all that lists filter, count and sort by is as it was. */
  set(entry: KeptEntry): boolean
  unset(deployment: FleetDeployment): void
  /** Before so many change that it is cheaper to sort them anew when somebody asks. */
  unsort(): void
  /** Of one namespace, or of all. */
  all(namespace: string | null): KeptEntry[]
  /** Sorted by namespace; none is empty. */
  namespaces(): readonly NamespaceEntries[]
  /** All of them, ascending. */
  ordered(field: OrderField): readonly FleetEntry[]
  size(): Size
}

export function createEntryStore(): EntryStore {
  const buckets = new Map<string, Bucket>()
  const orders = new Map<OrderField, FleetEntry[]>()
  const size = { objects: 0, bytes: 0 }
  /** By namespace, each sorted itself; null where one is not. */
  let sorted: Bucket[] | null = null

  const find = (namespace: string, name: string) => buckets.get(namespace)?.byName.get(name)

  const bucketOf = (namespace: string): Bucket => {
    let bucket = buckets.get(namespace)
    if (!bucket) {
      const counts = { running: 0, starting: 0, attention: 0, deleting: 0 }
      const byName = new Map<string, KeptEntry>()
      bucket = { namespace, byName, entries: [], isSorted: true, counts }
      buckets.set(namespace, bucket)
      sorted = null
    }
    return bucket
  }

  const move = (before: KeptEntry | undefined, after: KeptEntry | undefined) => {
    for (const [field, order] of orders) replaceIn(order, compareBy(field), before, after)
  }

  return {
    find,
    set: (entry) => {
      const { name, namespace } = entry.deployment
      const bucket = bucketOf(namespace)
      const before = bucket.byName.get(name)
      size.objects += before ? 0 : 1
      size.bytes += entry.openJson.length - (before?.openJson.length ?? 0)
      if (before && isInPlace(before, entry)) {
        Object.assign(before, entry)
        return true
      }
      bucket.byName.set(name, entry)
      if (bucket.isSorted) replaceIn(bucket.entries, compareNames, before, entry)
      if (before) bucket.counts[before.status] -= 1
      bucket.counts[entry.status] += 1
      move(before, entry)
      return false
    },
    unset: ({ name, namespace }) => {
      const bucket = buckets.get(namespace)
      const before = bucket?.byName.get(name)
      if (!bucket || !before) return
      size.objects -= 1
      size.bytes -= before.openJson.length
      bucket.byName.delete(name)
      if (bucket.isSorted) replaceIn(bucket.entries, compareNames, before, undefined)
      bucket.counts[before.status] -= 1
      move(before, undefined)
      if (bucket.byName.size > 0) return
      buckets.delete(namespace)
      sorted = null
    },
    all: (namespace) => {
      const bucket = namespace === null ? undefined : buckets.get(namespace)
      const wanted = namespace === null ? [...buckets.values()] : bucket ? [bucket] : []
      return wanted.flatMap(({ byName }) => [...byName.values()])
    },
    unsort: () => {
      orders.clear()
      sorted = null
      for (const bucket of buckets.values()) bucket.isSorted = false
    },
    namespaces: () => {
      if (sorted === null) {
        sorted = [...buckets.values()].toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1))
        for (const bucket of sorted) if (!bucket.isSorted) sortBucket(bucket)
      }
      return sorted
    },
    ordered: (field) => {
      let order = orders.get(field)
      if (!order) {
        const compare = compareBy(field)
        order = [...buckets.values()]
          .flatMap(({ byName }) => [...byName.values()])
          .toSorted((a, b) => compare(a.deployment, b.deployment))
        orders.set(field, order)
      }
      return order
    },
    size: () => ({ ...size }),
  }
}

const filterFields = Object.values(deploymentFields)
const orderFields = Object.values(primaries)

function isInPlace(before: FleetEntry, after: FleetEntry): boolean {
  const isSame = (read: (deployment: FleetDeployment) => string | null) =>
    read(before.deployment) === read(after.deployment)
  return (
    before.deployment.uid === after.deployment.uid &&
    before.status === after.status &&
    before.searchText === after.searchText &&
    filterFields.every(isSame) &&
    orderFields.every(isSame)
  )
}

function sortBucket(bucket: Bucket): void {
  const byName = [...bucket.byName.values()]
  bucket.entries = byName.toSorted((a, b) => compareNames(a.deployment, b.deployment))
  bucket.isSorted = true
}

type Compare = (a: FleetDeployment, b: FleetDeployment) => number

const compareNames: Compare = (a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1)

/** Where the new one takes the old one's place, nothing else moves. */
function replaceIn<T extends FleetEntry>(
  sorted: T[],
  compare: Compare,
  before: T | undefined,
  after: T | undefined,
): void {
  const placeOf = ({ deployment }: T) =>
    findIndex(sorted.length, (at) => compare(sorted[at]!.deployment, deployment) < 0)
  if (before && after && compare(before.deployment, after.deployment) === 0) {
    sorted[placeOf(before)] = after
    return
  }
  if (before) sorted.splice(placeOf(before), 1)
  if (after) sorted.splice(placeOf(after), 0, after)
}
