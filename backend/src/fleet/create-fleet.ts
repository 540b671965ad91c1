import type { Capacity, Runtime } from '@hub/shared'
import type { Instances } from '#clusters'
import type { Clock } from '#context'
import { systemTiming, type ClusterError, type KubeObject, type Timing } from '#kube'
import type { Logger } from '#log'
import {
  createChangeLog,
  type ChangeLog,
  type FleetChange,
  type FleetChangeBody,
} from './change-log.ts'
import { describeSync, isComplete, type SyncState } from './describe-sync.ts'
import { createMembers } from './fleet-members.ts'
import type { ClusterNamespace } from './kind-stores.ts'
import type { FleetDeployment } from './present-deployment.ts'
import type { FleetPod } from './read-pod.ts'
import type { NamespaceEntries } from './snapshot.ts'
import type { InstanceSummary } from './summary.ts'
import { createVisibilities, type CallerContext, type Visibility } from './visibility.ts'

export type FleetOptions = {
  instances: Instances
  log: Logger
  now: Clock
  timing?: Timing
  /** Where to look on an instance whose credential may not list everywhere. */
  candidateNamespaces?: (instance: string) => readonly string[]
  /** How many changes are kept for readers that come back. */
  historyLength?: number
}

/** What the fleet knows of an instance, as far as the caller may; `deploymentCount` is what they may see. */
export type InstanceFacts = {
  deploymentCount: number
  capacity: Capacity
  runtimes: Runtime[] | null
  heardAt: string | null
  /** Whether its deployments are as they are, and not as they were. */
  isCurrent: boolean
}

export type Fleet = {
  /** Sorted by instance, namespace and name. */
  list(filter?: { instance?: string }): FleetDeployment[]
  get(instance: string, namespace: string, name: string): FleetDeployment | null
  /** What is known of an instance beside its status; its deployments are counted as far as the caller may see them. */
  describeInstance(ctx: CallerContext, instance: string): InstanceFacts
  /** The namespaces of an instance; null where they were never read, with what keeps the hub from it. */
  knownNamespaces(instance: string): {
    items: readonly ClusterNamespace[] | null
    error: ClusterError | null
  }
  /** The pods that work for a deployment, as far as the credential may list them. */
  pods(of: { instance: string; namespace: string; deployment: string }): FleetPod[]
  /** The instances there are, sorted. */
  instanceIds(): readonly string[]
  /** An instance's deployments, serialized, by namespace. */
  namespaces(instance: string): readonly NamespaceEntries[]
  /** What the caller may see; the same object for everybody with the same rights, while it is valid. */
  visibilityOf(ctx: CallerContext): Visibility
  /** Another number whenever a list may have another answer. */
  version(): number
  /** Whether what is known of an instance's deployments is up to date: of all, or of those of one namespace. */
  instanceState(id: string, namespace?: string): SyncState
  /** When the cluster was last heard of deployments; null before it was. */
  deploymentsAsOf(id: string): string | null
  /** What the hub just wrote is seen at once; an object older than the known one changes nothing. */
  apply(instance: string, object: KubeObject): FleetDeployment | null
  /** As `apply`, for what a cluster says it removed at once. */
  applyRemoval(instance: string, target: { namespace: string; name: string; uid: string }): void
  subscribe(listener: (change: FleetChange) => void): () => void
  /** The candidate namespaces may be others than they were: new ones are watched at once. */
  lookAround(): void
  position: ChangeLog['position']
  since: ChangeLog['since']
  stop(): Promise<void>
}

/** What is live on all instances: one watch per kind each, however many people look. Starts with the instances it is given. */
export function createFleet(options: FleetOptions): Fleet {
  const { instances, log, now, timing = systemTiming } = options
  const changes = createChangeLog({
    capacity: options.historyLength ?? 2_000,
    onListenerError: (error) => log.error({ error }, 'a listener to the fleet failed'),
  })
  const visibilityOf = createVisibilities()
  let version = 0
  const members = createMembers({
    instances,
    candidateNamespaces: options.candidateNamespaces ?? (() => []),
    append: (change: FleetChangeBody) => {
      version += 1
      changes.append(change)
    },
    tell: changes.append,
    onState: () => {
      version += 1
    },
    now,
    timing,
    log,
  })

  /** An age is measured; when that was is only told. */
  const toTime = (heardAt: number | null) =>
    heardAt === null ? null : new Date(now().getTime() - (timing.now() - heardAt)).toISOString()
  const deploymentsAsOf = (id: string) =>
    toTime(members.watch(id)?.stateOf('deployments')?.heardAt ?? null)
  const instanceState = (id: string, namespace?: string): SyncState => {
    const watch = members.watch(id)
    const sync = describeSync(id, watch, namespace)
    const asOf = isComplete(watch?.stateOf('deployments')) ? deploymentsAsOf(id) : null
    return sync.synced || asOf === null ? sync : { ...sync, asOf }
  }
  const snapshotOf = (id: string) => members.watch(id)?.snapshot

  return {
    list: ({ instance } = {}) => {
      const asked = instance === undefined ? members.ids() : [instance]
      return asked.flatMap((id) => snapshotOf(id)?.list() ?? [])
    },
    get: (instance, namespace, name) => snapshotOf(instance)?.get(namespace, name) ?? null,
    describeInstance: (ctx, instance) => {
      const visibility = visibilityOf(ctx)
      let deploymentCount = 0
      for (const { entries, namespace } of snapshotOf(instance)?.namespaces() ?? []) {
        if (visibility.sight(instance, namespace)) deploymentCount += entries.length
      }
      const watch = members.watch(instance)
      const { capacity, runtimes } = watch?.summary() ?? unknownSummary
      const heardAt = toTime(watch?.heardAt() ?? null)
      const isCurrent = instanceState(instance).synced
      return { deploymentCount, capacity, runtimes, heardAt, isCurrent }
    },
    knownNamespaces: (instance) => {
      const watch = members.watch(instance)
      const state = watch?.stateOf('namespaces')
      if (watch && state?.known) return { items: watch.namespaces(), error: null }
      return { items: null, error: state?.error ?? null }
    },
    pods: ({ deployment, instance, namespace }) =>
      (members.watch(instance)?.pods() ?? []).filter(
        (pod) => pod.namespace === namespace && pod.deployment === deployment,
      ),
    instanceIds: members.ids,
    namespaces: (instance) => snapshotOf(instance)?.namespaces() ?? [],
    visibilityOf,
    version: () => version,
    instanceState,
    deploymentsAsOf,
    apply: (instance, object) => {
      const watch = members.watch(instance)
      const group = watch?.instance().apiGroup
      return watch && group ? watch.snapshot.apply(group, object) : null
    },
    applyRemoval: (instance, target) => snapshotOf(instance)?.remove(target),
    subscribe: changes.subscribe,
    lookAround: () => {
      for (const watch of members.all()) watch.lookAround()
    },
    position: changes.position,
    since: changes.since,
    stop: members.stop,
  }
}

const unknownSummary: InstanceSummary = {
  capacity: { nodes: null, gpus: null, resources: null, reason: 'The instance is not known.' },
  runtimes: null,
}
