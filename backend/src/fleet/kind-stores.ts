import { isRecord, type ApiGroup, type KubeObject } from '#kube'
import { readNode, type NodeFacts } from './read-node.ts'
import { readClaim, readSlice } from './devices.ts'
import { createKindStore, type Kept, type KindStore } from './kind-store.ts'
import type { Kind } from './kinds.ts'
import { readPod, type FleetPod } from './read-pod.ts'
import { readQuota } from './read-quota.ts'
import { readWarning, type WarningFacts } from './read-warning.ts'
import { readRuntime } from './runtimes.ts'
import type { KeptEntry } from './entry-store.ts'
import type { Snapshot } from './snapshot.ts'
import type { KindWatchOptions } from './watch-kind.ts'

export type ClusterNamespace = { name: string; isActive: boolean }

export type KindStores = ReturnType<typeof createKindStores>

/** What is kept of an instance beside its deployments. */
export function createKindStores(tell: {
  /** Something that the summary is made of is another. */
  changed: () => void
  podsChanged: () => void
  podMoved: (before: FleetPod | null, after: FleetPod | null) => void
  nodeMoved: (before: NodeFacts | null, after: NodeFacts | null) => void
  slicesChanged: () => void
  quotasChanged: () => void
  warningMoved: (before: WarningFacts | null, after: WarningFacts | null) => void
}) {
  return {
    runtimes: createKindStore(readRuntime, tell.changed),
    pods: createKindStore(readPod, tell.podsChanged, tell.podMoved),
    nodes: createKindStore(readNode, tell.changed, tell.nodeMoved),
    namespaces: createKindStore(readNamespace, () => {}),
    slices: createKindStore(readSlice, tell.slicesChanged),
    claims: createKindStore(readClaim, tell.changed),
    quotas: createKindStore(readQuota, tell.quotasChanged),
    warnings: createKindStore(readWarning, () => {}, tell.warningMoved),
  }
}

type Keeping<T> = Pick<KindWatchOptions<T>, 'read' | 'onReplace' | 'onEvent' | 'size'>

/** Where a kind is kept. */
export function keepKind(
  kind: Kind,
  group: ApiGroup | null,
  { snapshot, stores }: { snapshot: Snapshot; stores: KindStores },
): Keeping<unknown> {
  if (kind === 'deployments') return keepDeployments(snapshot, group!) as Keeping<unknown>
  // Each store is given back what it read itself.
  return keepObjects(stores[kind] as KindStore<unknown>) as Keeping<unknown>
}

function keepDeployments(snapshot: Snapshot, group: ApiGroup): Keeping<KeptEntry> {
  return {
    read: (object) => {
      const entry = snapshot.read(group, object)
      return entry && { kept: entry, bytes: entry.openJson.length }
    },
    onReplace: (entries, resourceVersion, namespace) =>
      snapshot.replace(entries, resourceVersion, namespace),
    onEvent: (event) => snapshot.event(group, event),
    size: snapshot.size,
  }
}

function keepObjects<T>(store: KindStore<T>): Keeping<Kept<T>> {
  return {
    read: (object) => {
      const kept = store.read(object)
      return kept && { kept, bytes: kept.bytes }
    },
    onReplace: (items, _, namespace) => store.replace(items, namespace),
    onEvent: store.event,
    size: store.size,
  }
}

function readNamespace(object: KubeObject): ClusterNamespace | null {
  const name = object.metadata?.name
  if (typeof name !== 'string') return null
  return { name, isActive: !(isRecord(object.status) && object.status.phase === 'Terminating') }
}
