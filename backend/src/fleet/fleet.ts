import type { Capacity, Runtime } from '@hub/shared'
import type { ClusterError, KubeObject } from '#kube'
import type { ChangeLog, FleetChange } from './change-log.ts'
import type { SyncState } from './describe-sync.ts'
import type { FleetEntry, NamespaceEntries } from './entry-store.ts'
import type { ClusterNamespace } from './kind-stores.ts'
import type { GpuMap } from './map-gpus.ts'
import type { OrderField } from './order-entries.ts'
import type { Explanation } from './explain/facts.ts'
import type { ExplainedPod } from './explain/explain-pods.ts'
import type { FleetDeployment } from './read-deployment.ts'
import type { FleetPod } from './read-pod.ts'
import type { CallerContext, Visibility } from './visibility.ts'
import type { VisibleInstances } from './visible-instances.ts'

/** What the fleet knows of an instance, as far as the caller may; `deploymentCount` is what they may see. */
export type InstanceFacts = {
  deploymentCount: number
  capacity: Capacity
  runtimes: Runtime[] | null
  heardAt: string | null
  /** Whether its deployments are as they are, and not as they were. */
  isCurrent: boolean
}

export type InstanceSeen = { id: string; lastSeenAt: string | null; heardAt: string | null }

export type Fleet = {
  /** Sorted by instance, namespace and name. */
  list(filter?: { instance?: string }): FleetDeployment[]
  get(instance: string, namespace: string, name: string): FleetDeployment | null
  /** What is known of an instance beside its status; its deployments are counted as far as the caller may see them. */
  describeInstance(ctx: CallerContext, instance: string, visibility?: Visibility): InstanceFacts
  /** An instance's accelerators as of the latest reading, the same object until the next; `reason` as of capacity. */
  gpuMap(instance: string): { map: GpuMap; reason: string | null }
  capacityOf(instance: string): Capacity
  /** The namespaces of an instance; null where they were never read, with what keeps the hub from it. */
  knownNamespaces(instance: string): {
    items: readonly ClusterNamespace[] | null
    error: ClusterError | null
  }
  /** The pods that work for a deployment, as far as the credential may list them. */
  pods(of: { instance: string; namespace: string; deployment: string }): FleetPod[]
  /** How a deployment is at this moment, and why; null where none is known. */
  explain(instance: string, namespace: string, name: string): Explanation | null
  /** The pods of a deployment with what keeps each from running; null, and why, where they may not be read. */
  explainPods(
    instance: string,
    namespace: string,
    name: string,
  ): { items: readonly ExplainedPod[] | null; reason: string | null }
  /** The instances there are, sorted. */
  instanceIds(): readonly string[]
  /** An instance's deployments, serialized, by namespace. */
  namespaces(instance: string): readonly NamespaceEntries[]
  /** What the caller may see; the same object for everybody with the same rights, while it is valid. */
  visibilityOf(ctx: CallerContext): Visibility
  /** All of an instance's deployments, ascending. */
  ordered(instance: string, field: OrderField): readonly FleetEntry[]
  /** A larger number whenever others may be in a list of these instances, or in another order, or counted otherwise. */
  placesVersionOf(instances: readonly string[]): number
  /** Those that somebody sees of all, or of one. */
  visibleInstances(visibility: Visibility, only?: string): VisibleInstances
  /** Whether what is known of an instance's deployments is up to date: of all, or of those of one namespace. */
  instanceState(id: string, namespace?: string): SyncState
  /** When the cluster was last heard of deployments; null before it was. */
  deploymentsAsOf(id: string): string | null
  /** What the hub just wrote is seen at once; an object older than the known one changes nothing. */
  apply(instance: string, object: KubeObject): FleetDeployment | null
  /** As `apply`, for what a cluster says it removed at once. */
  applyRemoval(instance: string, target: { namespace: string; name: string; uid: string }): void
  subscribe(listener: (change: FleetChange) => void): () => void
  /** Every deployment as its cluster tells it, before anything of it is left out. */
  onObject(listener: (instance: string, object: KubeObject) => void): () => void
  /** Something else that is shown of an instance is another. */
  tellInstance(id: string): void
  /** Tells of instances that were heard of again, and are otherwise as they were. */
  onSeen(listener: (seen: InstanceSeen) => void): () => void
  /** The candidate namespaces may be others than they were: new ones are watched at once. */
  lookAround(): void
  position: ChangeLog['position']
  since: ChangeLog['since']
  stop(): Promise<void>
}
