import type { ClusterInstance } from '#clusters'
import type { Clock } from '#context'
import type { ClusterError, KubeObject, Timing } from '#kube'
import type { Logger } from '#log'
import type { FleetChangeBody } from './change-log.ts'
import { describeTrouble } from './describe-trouble.ts'
import { createLiveFollower } from './follow-live.ts'
import { createKindStores, type ClusterNamespace } from './kind-stores.ts'
import { createKindWatches } from './kind-watches.ts'
import { hasGroup, isExtra, isUp, isWanted, kinds, type Kind } from './kinds.ts'
import { explainDeployment } from './explain/explain-deployment.ts'
import { explainPods, type ExplainedPod } from './explain/explain-pods.ts'
import type { ExplainFacts, Explanation } from './explain/facts.ts'
import type { FleetPod } from './read-pod.ts'
import { readSummary } from './read-summary.ts'
import { createSnapshot, type Snapshot } from './snapshot.ts'
import { createSummary, type InstanceSummary } from './summary.ts'
import type { KindState } from './watch-kind.ts'

/** Everything the hub watches on one instance, each kind on its own: one that fails stops no other. */
export type InstanceWatch = {
  readonly snapshot: Snapshot
  instance(): ClusterInstance
  /** Starts, keeps or ends watches by what is now known of the instance. */
  follow(instance: ClusterInstance): void
  stateOf(kind: Kind): KindState | null
  /** When the cluster was last heard of, of the kind that it was not heard of for longest. Null before any was. */
  heardAt(): number | null
  summary(): InstanceSummary
  pods(): readonly FleetPod[]
  /** Null where pods may not be read, or there is no such deployment. */
  explainPods(namespace: string, name: string): ExplainedPod[] | null
  /** How a deployment is at this moment, and why; null where there is none. */
  explain(namespace: string, name: string): Explanation | null
  namespaces(): readonly ClusterNamespace[]
  /** The candidate namespaces may be others than they were. */
  lookAround(): void
  stop(): void
}

export type InstanceWatchOptions = {
  instance: ClusterInstance
  candidates: () => readonly string[]
  emit: (change: FleetChangeBody) => void
  /** Every deployment as the cluster tells it. */
  onObject?: (object: KubeObject) => void
  /** The summary is another. */
  onSummary: (namespaces: readonly string[] | null) => void
  /** Whether a kind is up to date changed, or why it is not. */
  onState: () => void
  /** A watch that was well broke: the cluster may be gone. */
  onBroken: (error: ClusterError) => void
  /** The cluster said something, although it counts as gone. */
  onHeard: () => void
  /** What does not work on a cluster that answers; null when all does. */
  onTrouble: (trouble: string | null) => void
  now: Clock
  timing: Timing
  log: Logger
  track: (loop: Promise<void>) => void
}

export function watchInstance(options: InstanceWatchOptions): InstanceWatch {
  const { now, timing } = options
  const { id } = options.instance
  let instance = options.instance
  /** The cluster that everything kept is of. */
  let clusterIdentity: string | null = null
  let trouble: string | null = null
  let stopped = false

  const summary = createSummary({
    read: () => readSummary(id, watches.stateOf, kept),
    onChange: (namespaces) => {
      // No more than numbers of deployments are others.
      if (namespaces === null) live.unsettledSoon()
      options.onSummary(namespaces)
    },
    now,
    timing,
  })
  const { touch } = summary
  const live = createLiveFollower({
    stores: () => stores,
    stateOf: (kind) => watches.stateOf(kind),
    capacity: () => summary.get().capacity,
    recount: (of) => snapshot.recount(of),
    timing,
    now,
  })
  const snapshot = createSnapshot(id, {
    podsOf: live.tallyOf,
    liveOf: live.liveOf,
    onChangesAt: live.changesAt,
    ...(options.onObject && { onObject: options.onObject }),
    now: timing.now,
    clock: now,
    emit: (change) => {
      options.emit(change)
      touch()
    },
  })
  const stores = createKindStores({
    changed: touch,
    podsChanged: () => {
      touch()
      live.countSoon()
    },
    podMoved: live.podMoved,
    nodeMoved: live.nodeMoved,
    slicesChanged: () => {
      touch()
      followClaims()
    },
    quotasChanged: live.unsettledSoon,
    warningMoved: live.warningMoved,
  })
  const kept = { snapshot, stores }

  const watches = createKindWatches({
    instance: () => instance,
    candidates: () => [
      ...new Set([
        ...(instance.contextNamespace === null ? [] : [instance.contextNamespace]),
        ...options.candidates(),
        ...stores.namespaces.list().map(({ name }) => name),
      ]),
    ],
    kept,
    onState: (kind, isTurn) => {
      if (isTurn) touch()
      if (kind === 'pods') live.follow(watches.stateOf('pods'))
      if (kind === 'runtimes' && isTurn) live.unsettledSoon()
      options.onState()
      reportTrouble()
    },
    onFirstList: () => reportTrouble(),
    onBroken: options.onBroken,
    onHeard: () => {
      if (!isUp(instance.status)) options.onHeard()
    },
    timing,
    log: options.log,
    track: options.track,
  })

  /** Most clusters offer no devices, and then nothing is claimed. */
  const hasDevices = () => stores.slices.size().objects > 0

  const followClaims = () => {
    if (stopped || hasDevices() === (watches.get('claims') !== undefined)) return
    if (hasDevices()) return watches.start('claims', null)
    watches.end('claims')
    stores.claims.clear()
  }

  const clear = () => {
    live.clear()
    snapshot.clear()
    for (const store of Object.values(stores)) store.clear()
  }

  const reportTrouble = () => {
    const latest = stopped ? null : describeTrouble(id, watches.now())
    if (latest === trouble || stopped) return
    trouble = latest
    options.onTrouble(latest)
  }

  const follow = (next: ClusterInstance) => {
    const previous = instance
    instance = next
    const isOtherCluster =
      next.clusterIdentity !== null &&
      clusterIdentity !== null &&
      next.clusterIdentity !== clusterIdentity
    clusterIdentity = next.clusterIdentity ?? clusterIdentity
    const isOtherTransport = next.transport !== previous.transport
    // A new credential starts without blame, at the registry too.
    if (isOtherTransport) trouble = null
    if (isOtherCluster) clear()
    else if (next.status.state === 'no-crd') {
      snapshot.clear()
      stores.runtimes.clear()
    }
    const cameBack = !isUp(previous.status) && isUp(next.status)
    const isAnew = isOtherTransport || isOtherCluster
    for (const kind of kinds) followKind(kind, { cameBack, isAnew })
    touch()
    reportTrouble()
  }

  /** Starts, keeps or ends the watch of a kind. */
  const followKind = (kind: Kind, since: { cameBack: boolean; isAnew: boolean }) => {
    const entry = watches.get(kind)
    const group = hasGroup(kind) ? instance.apiGroup : null
    const isNeeded = isWanted(kind, instance, {
      hasDevices: hasDevices(),
      isWatched: entry !== undefined,
    })
    const isSame = entry?.group === group && !since.isAnew
    const isWaiting = since.cameBack && entry?.watch.isWaiting() === true
    if (entry && (!isNeeded || !isSame || isWaiting)) watches.end(kind)
    if (isNeeded && !watches.get(kind)) watches.start(kind, group)
  }

  const factsOf = (namespace: string, name: string): ExplainFacts | null => {
    const entry = snapshot.find(namespace, name)
    if (!entry) return null
    const { deployment, object } = entry
    return { deployment, object, live: live.liveOf(namespace, name), now: now().getTime() }
  }

  return {
    snapshot,
    instance: () => instance,
    stateOf: watches.stateOf,
    heardAt: () => {
      const heard = watches
        .now()
        .filter(({ kind }) => !isExtra(kind))
        .flatMap(({ state }) => state.heardAt ?? [])
      return heard.length === 0 ? null : Math.min(...heard)
    },
    summary: summary.get,
    pods: stores.pods.list,
    explain: (namespace, name) => {
      const facts = factsOf(namespace, name)
      return facts && explainDeployment(facts)
    },
    explainPods: (namespace, name) => {
      const facts = factsOf(namespace, name)
      return facts && explainPods(facts)
    },
    namespaces: stores.namespaces.list,
    follow,
    lookAround: watches.lookAround,
    stop: () => {
      stopped = true
      for (const kind of kinds) watches.end(kind)
      live.stop()
      summary.stop()
    },
  }
}
