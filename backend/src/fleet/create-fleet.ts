import type { Capacity, Runtime } from '@hub/shared'
import type { ClusterInstance, Instances, InstancesChange } from '#clusters'
import type { Clock } from '#context'
import {
  connectionKinds,
  systemTiming,
  type ClusterError,
  type KubeObject,
  type Timing,
} from '#kube'
import type { Logger } from '#log'
import {
  createChangeLog,
  type ChangeLog,
  type FleetChange,
  type FleetChangeBody,
} from './change-log.ts'
import type { FleetDeployment } from './present-deployment.ts'
import type { FleetPod } from './read-pod.ts'
import type { NamespaceEntries } from './snapshot.ts'
import type { InstanceSummary } from './summary.ts'
import {
  describeFailure,
  describePartial,
  watchInstance,
  type ClusterNamespace,
  type InstanceWatch,
} from './watch-instance.ts'
import type { KindState } from './watch-kind.ts'
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

/** `reason` is a sentence for people; with `asOf`, all there was is known as of then. */
export type SyncState =
  | { synced: true; reason: null }
  | { synced: false; reason: string; asOf?: string }

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

type Member = { watch: InstanceWatch; toldAt: number; told: string }

const lastSeenEveryMs = 10_000

/** What is live on all instances: one watch per kind each, however many people look. Starts with the instances it is given. */
export function createFleet(options: FleetOptions): Fleet {
  const { instances, log, now, timing = systemTiming } = options
  const members = new Map<string, Member>()
  const changes = createChangeLog({
    capacity: options.historyLength ?? 2_000,
    onListenerError: (error) => log.error({ error }, 'a listener to the fleet failed'),
  })
  const loops = new Set<Promise<void>>()
  const visibilityOf = createVisibilities()
  let version = 0
  let ids: string[] | null = null

  const append = (change: FleetChangeBody) => {
    version += 1
    changes.append(change)
  }

  const createMember = (instance: ClusterInstance): Member => {
    const { id } = instance
    let wasSynced = false
    const watch = watchInstance({
      instance,
      candidates: () => options.candidateNamespaces?.(id) ?? [],
      emit: append,
      onSummary: (namespaces) => {
        if (members.has(id)) append({ type: 'instance', id, ...(namespaces && { namespaces }) })
      },
      onState: () => {
        version += 1
        const synced = watch.stateOf('deployments')?.synced === true
        if (synced === wasSynced) return
        wasSynced = synced
        append({ type: 'instance', id })
      },
      onBroken: ({ kind }) => instances.probe(id, { isLost: connectionKinds.has(kind) }),
      onHeard: () => instances.probe(id),
      onTrouble: (trouble) => instances.report(id, trouble),
      now,
      timing,
      log,
      track: (loop) => {
        loops.add(loop)
        void loop.finally(() => loops.delete(loop))
      },
    })
    return { watch, toldAt: Number.NEGATIVE_INFINITY, told: '' }
  }

  const upsert = (instance: ClusterInstance) => {
    const { id } = instance
    let member = members.get(id)
    if (!member) {
      member = createMember(instance)
      members.set(id, member)
      ids = null
    }
    member.watch.follow(instance)
    tellStatus(member)
  }

  const tellStatus = (member: Member) => {
    const { id, apiGroup, kubernetesVersion, status } = member.watch.instance()
    const { lastSeenAt: _, ...lasting } = status
    const told = JSON.stringify([lasting, kubernetesVersion, apiGroup])
    const at = timing.now()
    const isOther = told !== member.told
    if (!isOther && at - member.toldAt < lastSeenEveryMs) return
    member.told = told
    member.toldAt = at
    // That an instance was seen again changes no list.
    if (isOther) append({ type: 'instance', id })
    else changes.append({ type: 'instance', id })
  }

  const onChange = (change: InstancesChange) => {
    if (change.type === 'upsert') return upsert(change.instance)
    const { id } = change
    const member = members.get(id)
    if (!member) return
    member.watch.stop()
    member.watch.snapshot.clear()
    members.delete(id)
    ids = null
    append({ type: 'instance-removed', id })
  }

  const unsubscribe = instances.onChange(onChange)
  for (const instance of instances.list()) upsert(instance)

  /** An age is measured; when that was is only told. */
  const toTime = (heardAt: number | null) =>
    heardAt === null ? null : new Date(now().getTime() - (timing.now() - heardAt)).toISOString()
  const deploymentsAsOf = (id: string) =>
    toTime(members.get(id)?.watch.stateOf('deployments')?.heardAt ?? null)
  const instanceState = (id: string, namespace?: string): SyncState => {
    const watch = members.get(id)?.watch
    const sync = describeSync(id, watch, namespace)
    const asOf = isComplete(watch?.stateOf('deployments')) ? deploymentsAsOf(id) : null
    return sync.synced || asOf === null ? sync : { ...sync, asOf }
  }
  const snapshotOf = (id: string) => members.get(id)?.watch.snapshot
  const instanceIds = () => (ids ??= [...members.keys()].toSorted())

  return {
    list: ({ instance } = {}) => {
      const asked = instance === undefined ? instanceIds() : [instance]
      return asked.flatMap((id) => snapshotOf(id)?.list() ?? [])
    },
    get: (instance, namespace, name) => snapshotOf(instance)?.get(namespace, name) ?? null,
    describeInstance: (ctx, instance) => {
      const visibility = visibilityOf(ctx)
      let deploymentCount = 0
      for (const { entries, namespace } of snapshotOf(instance)?.namespaces() ?? []) {
        if (visibility.sight(instance, namespace)) deploymentCount += entries.length
      }
      const watch = members.get(instance)?.watch
      const { capacity, runtimes } = watch?.summary() ?? unknownSummary
      const heardAt = toTime(watch?.heardAt() ?? null)
      const isCurrent = instanceState(instance).synced
      return { deploymentCount, capacity, runtimes, heardAt, isCurrent }
    },
    knownNamespaces: (instance) => {
      const watch = members.get(instance)?.watch
      const state = watch?.stateOf('namespaces')
      if (watch && state?.known) return { items: watch.namespaces(), error: null }
      return { items: null, error: state?.error ?? null }
    },
    pods: ({ deployment, instance, namespace }) =>
      (members.get(instance)?.watch.pods() ?? []).filter(
        (pod) => pod.namespace === namespace && pod.deployment === deployment,
      ),
    instanceIds,
    namespaces: (instance) => snapshotOf(instance)?.namespaces() ?? [],
    visibilityOf,
    version: () => version,
    instanceState,
    deploymentsAsOf,
    apply: (instance, object) => {
      const watch = members.get(instance)?.watch
      const group = watch?.instance().apiGroup
      return watch && group ? watch.snapshot.apply(group, object) : null
    },
    applyRemoval: (instance, target) => snapshotOf(instance)?.remove(target),
    subscribe: changes.subscribe,
    lookAround: () => {
      for (const { watch } of members.values()) watch.lookAround()
    },
    position: changes.position,
    since: changes.since,
    stop: async () => {
      unsubscribe()
      for (const { watch } of members.values()) watch.stop()
      await Promise.allSettled(loops)
    },
  }
}

const unknownSummary: InstanceSummary = {
  capacity: { nodes: null, gpus: null, resources: null, reason: 'The instance is not known.' },
  runtimes: null,
}

/** Whether all was read once, however long ago. */
function isComplete(state: KindState | null | undefined): boolean {
  return state?.known === true && state.covered === null
}

function describeSync(
  id: string,
  watch: InstanceWatch | undefined,
  namespace: string | undefined,
): SyncState {
  if (!watch) return { synced: false, reason: `There is no instance "${id}".` }
  const { apiGroup, status } = watch.instance()
  switch (status.state) {
    case 'no-crd':
      // Nothing can be deployed there, so nothing is missing from a list.
      return { synced: true, reason: null }
    case 'ready':
    case 'degraded':
      break
    default:
      return {
        synced: false,
        reason: status.reason ?? `Instance "${id}" is being connected. Wait a moment.`,
      }
  }
  const state = watch.stateOf('deployments')
  if (state?.synced) {
    const isCovered =
      state.covered === null || (namespace !== undefined && state.covered.has(namespace))
    if (isCovered) return { synced: true, reason: null }
    return { synced: false, reason: describePartial(id, 'deployments') }
  }
  if (state?.error) {
    return { synced: false, reason: describeFailure(id, 'deployments', state.error) }
  }
  const reading = `The deployments of instance "${id}" are being read. Wait a moment.`
  return { synced: false, reason: apiGroup === null ? (status.reason ?? reading) : reading }
}
