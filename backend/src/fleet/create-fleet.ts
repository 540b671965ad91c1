import type { Clock } from '#context'
import type { ClusterInstance, InstanceFacts, Instances, InstancesChange } from '#instances'
import {
  apiVersion,
  kubePath,
  listWatch,
  systemTiming,
  toAppError,
  type ApiGroup,
  type KubeObject,
  type ListWatchState,
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
import { createSnapshot, type NamespaceEntries, type Snapshot } from './snapshot.ts'
import { createVisibilities, type CallerContext, type Visibility } from './visibility.ts'

export type FleetOptions = {
  instances: Instances
  log: Logger
  now: Clock
  timing?: Timing
  /** How many changes are kept for readers that come back. */
  historyLength?: number
}

/** `reason` is a sentence for people. */
export type SyncState = { synced: true; reason: null } | { synced: false; reason: string }

export type Fleet = {
  /** Sorted by instance, namespace and name. */
  list(filter?: { instance?: string }): FleetDeployment[]
  get(instance: string, namespace: string, name: string): FleetDeployment | null
  /** What is known of an instance beside its status; its deployments are counted as far as the caller may see them. */
  describeInstance(ctx: CallerContext, instance: string): InstanceFacts
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
  /** What the hub just wrote is seen at once; an object older than the known one changes nothing. */
  apply(instance: string, object: KubeObject): FleetDeployment | null
  /** As `apply`, for what a cluster says it removed at once. */
  applyRemoval(instance: string, target: { namespace: string; name: string; uid: string }): void
  subscribe(listener: (change: FleetChange) => void): () => void
  position: ChangeLog['position']
  since: ChangeLog['since']
  stop(): Promise<void>
}

type Member = {
  instance: ClusterInstance
  snapshot: Snapshot
  watch: Watch | null
  /** The cluster that the snapshot is of. */
  clusterUid: string | null
  toldAt: number
  told: string
}

type Watch = {
  group: ApiGroup
  transport: ClusterInstance['transport']
  abort: AbortController
  done: Promise<void>
  state: ListWatchState
  synced: boolean
}

/** Shorter interruptions do not make a list incomplete for anyone. */
const graceMs = 2_000
const lastSeenEveryMs = 10_000

/** What is live on all instances: one watch each, however many people look. Starts with the instances it is given. */
export function createFleet(options: FleetOptions): Fleet {
  const { instances, log, timing = systemTiming } = options
  const members = new Map<string, Member>()
  const changes = createChangeLog({
    capacity: options.historyLength ?? 2_000,
    onListenerError: (error) => log.error({ error }, 'a listener to the fleet failed'),
  })
  const ending = new Set<Promise<void>>()
  const visibilityOf = createVisibilities()
  let version = 0
  let ids: string[] | null = null

  const append = (change: FleetChangeBody) => {
    version += 1
    changes.append(change)
  }
  const tell = (id: string) => append({ type: 'instance', id })

  const stopWatch = (member: Member) => {
    member.watch?.abort.abort()
    member.watch = null
  }

  const startWatch = (member: Member, group: ApiGroup) => {
    const { id, transport } = member.instance
    const abort = new AbortController()
    const isCurrent = () => member.watch?.abort === abort && members.get(id) === member
    const watch: Watch = {
      group,
      transport,
      abort,
      done: Promise.resolve(),
      state: { phase: 'listing' },
      synced: false,
    }
    member.watch = watch
    watch.done = listWatch({
      transport,
      path: kubePath('apis', group, apiVersion, 'modeldeployments'),
      signal: abort.signal,
      timing,
      onReplace: (objects, resourceVersion) => {
        if (isCurrent()) member.snapshot.replace(group, objects, resourceVersion)
      },
      onEvent: (event) => {
        if (isCurrent()) member.snapshot.event(group, event)
      },
      onState: (state) => {
        if (isCurrent()) follow(member, watch, state)
      },
    }).finally(() => ending.delete(watch.done))
    ending.add(watch.done)
  }

  const follow = (member: Member, watch: Watch, state: ListWatchState) => {
    const { id } = member.instance
    const wasSynced = watch.synced
    watch.state = state
    version += 1
    if (state.phase === 'synced') watch.synced = true
    if (state.phase === 'retrying') {
      log.debug({ instance: id, error: state.error, delayMs: state.delayMs }, 'watch interrupted')
      if (state.delayMs >= graceMs) watch.synced = false
      if (wasSynced) instances.probe(id)
    }
    if (watch.synced !== wasSynced) tell(id)
  }

  const upsert = (instance: ClusterInstance) => {
    const { id } = instance
    const known = members.get(id)
    const member: Member = known ?? {
      instance,
      snapshot: createSnapshot(id, { emit: append, now: timing.now }),
      watch: null,
      clusterUid: null,
      toldAt: Number.NEGATIVE_INFINITY,
      told: '',
    }
    const cameBack = known?.instance.status.state !== 'ready' && instance.status.state === 'ready'
    member.instance = instance
    members.set(id, member)
    if (!known) ids = null
    version += 1

    const isOtherCluster =
      instance.clusterUid !== null &&
      member.clusterUid !== null &&
      instance.clusterUid !== member.clusterUid
    if (isOtherCluster || instance.status.state === 'no-crd') member.snapshot.clear()
    member.clusterUid = instance.clusterUid ?? member.clusterUid

    const { watch } = member
    const isSame =
      watch?.transport === instance.transport &&
      watch.group === instance.apiGroup &&
      !isOtherCluster
    const isWaiting = cameBack && watch?.state.phase === 'retrying'
    if (!isSame || isWaiting) {
      stopWatch(member)
      if (instance.apiGroup !== null) startWatch(member, instance.apiGroup)
    }
    tellStatus(member)
  }

  const tellStatus = (member: Member) => {
    const { id, apiGroup, kubernetesVersion, status } = member.instance
    const { lastSeenAt: _, ...lasting } = status
    const told = JSON.stringify([lasting, kubernetesVersion, apiGroup])
    const at = timing.now()
    if (told === member.told && at - member.toldAt < lastSeenEveryMs) return
    member.told = told
    member.toldAt = at
    tell(id)
  }

  const onChange = (change: InstancesChange) => {
    if (change.type === 'upsert') return upsert(change.instance)
    const member = members.get(change.id)
    if (!member) return
    stopWatch(member)
    member.snapshot.clear()
    members.delete(change.id)
    ids = null
    append({ type: 'instance-removed', id: change.id })
  }

  const unsubscribe = instances.onChange(onChange)
  for (const instance of instances.list()) upsert(instance)

  const sortedMembers = () =>
    [...members.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member)

  return {
    list: ({ instance } = {}) => {
      if (instance !== undefined) return [...(members.get(instance)?.snapshot.list() ?? [])]
      return sortedMembers().flatMap(({ snapshot }) => snapshot.list())
    },
    get: (instance, namespace, name) =>
      members.get(instance)?.snapshot.get(namespace, name) ?? null,
    describeInstance: (ctx, instance) => {
      const visibility = visibilityOf(ctx)
      let deploymentCount = 0
      for (const { entries, namespace } of members.get(instance)?.snapshot.namespaces() ?? []) {
        if (visibility.sight(instance, namespace)) deploymentCount += entries.length
      }
      return {
        deploymentCount,
        capacity: { nodes: null, gpus: null, reason: 'The nodes have not been read yet.' },
        runtimes: null,
      }
    },
    instanceIds: () => (ids ??= [...members.keys()].toSorted()),
    namespaces: (instance) => members.get(instance)?.snapshot.namespaces() ?? [],
    visibilityOf,
    version: () => version,
    instanceState: (id) => describeSync(id, members.get(id)),
    apply: (instance, object) => {
      const member = members.get(instance)
      const group = member?.instance.apiGroup
      return member && group ? member.snapshot.apply(group, object) : null
    },
    applyRemoval: (instance, target) => members.get(instance)?.snapshot.remove(target),
    subscribe: changes.subscribe,
    position: changes.position,
    since: changes.since,
    stop: async () => {
      unsubscribe()
      for (const member of members.values()) stopWatch(member)
      await Promise.allSettled(ending)
    },
  }
}

function describeSync(id: string, member: Member | undefined): SyncState {
  if (!member) return { synced: false, reason: `There is no instance "${id}".` }
  const { status } = member.instance
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
  const { watch } = member
  if (watch?.synced) return { synced: true, reason: null }
  return {
    synced: false,
    reason:
      watch?.state.phase === 'retrying'
        ? toAppError(watch.state.error, { instance: id }).detail
        : `The deployments of instance "${id}" are being read. Wait a moment.`,
  }
}
