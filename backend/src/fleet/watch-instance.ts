import type { ClusterInstance } from '#clusters'
import type { Clock } from '#context'
import {
  apiVersion,
  createLedger,
  createPace,
  instanceBytesKeptMax,
  isRecord,
  kubePath,
  toAppError,
  type ApiGroup,
  type ClusterError,
  type ClusterErrorKind,
  type KubeObject,
  type KubePath,
  type Timing,
} from '#kube'
import type { Logger } from '#log'
import { readNode } from './capacity.ts'
import type { FleetChangeBody } from './change-log.ts'
import { createKindStore, type KindStore, type Kept } from './kind-store.ts'
import { readClaim, readSlice } from './devices.ts'
import { createPodTallies } from './pod-tallies.ts'
import { readPod, type FleetPod } from './read-pod.ts'
import { readRuntime } from './runtimes.ts'
import { createSnapshot, type FleetEntry, type Snapshot } from './snapshot.ts'
import { createSummary, type InstanceSummary, type SummarySource } from './summary.ts'
import { watchKind, type KindState, type KindWatch, type KindWatchOptions } from './watch-kind.ts'

export type ClusterNamespace = { name: string; isActive: boolean }

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
  namespaces(): readonly ClusterNamespace[]
  /** The candidate namespaces may be others than they were. */
  lookAround(): void
  stop(): void
}

export type InstanceWatchOptions = {
  instance: ClusterInstance
  candidates: () => readonly string[]
  emit: (change: FleetChangeBody) => void
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

type Watched = {
  watch: KindWatch
  group: ApiGroup | null
  wasSynced: boolean
  /** Since when it is not up to date. */
  behindSince: number | null
}

const kinds = [
  'deployments',
  'runtimes',
  'pods',
  'nodes',
  'namespaces',
  'slices',
  'claims',
] as const
type Kind = (typeof kinds)[number]

const collections: Record<Kind, { words: string; isNamespaced: boolean }> = {
  deployments: { words: 'deployments', isNamespaced: true },
  runtimes: { words: 'runtimes', isNamespaced: false },
  pods: { words: 'pods', isNamespaced: true },
  nodes: { words: 'nodes', isNamespaced: false },
  namespaces: { words: 'namespaces', isNamespaced: false },
  slices: { words: 'resource slices', isNamespaced: false },
  // Those of some namespaces alone would say nothing of what is free.
  claims: { words: 'resource claims', isNamespaced: false },
}

/** What a health probe that fails would tell as well: it is asked first, and these count where it does not fail. */
const probeTells: ReadonlySet<ClusterErrorKind> = new Set([
  'dns',
  'refused',
  'timeout',
  'proxy',
  'tls',
  'blocked-address',
  'unauthorized',
  'not-found',
  'aborted',
])
/** Longer than a probe takes to come and to fail. */
const probeTellsWithinMs = 45_000
/** A cluster whose deployments were not read by then is not ready, whatever else it answers. */
const firstListMs = 20_000

const countAfterMs = 50

const upStates: ReadonlySet<string> = new Set(['ready', 'degraded', 'no-crd'])

export function watchInstance(options: InstanceWatchOptions): InstanceWatch {
  const { id } = options.instance
  let instance = options.instance
  /** The cluster that everything kept is of. */
  let clusterIdentity: string | null = null
  let trouble: string | null = null
  const watches = new Map<Kind, Watched>()
  const limits = { objectsMax: Number.POSITIVE_INFINITY, bytesMax: instanceBytesKeptMax }
  const ledgers = { kept: createLedger(limits), reading: createLedger(limits) }
  const pace = createPace(options.timing.now)
  let transport = instance.transport
  let stopped = false

  const summary = createSummary({
    read: () => describeSource(),
    onChange: options.onSummary,
    now: options.now,
    timing: options.timing,
  })
  const touch = () => summary.touch()
  const tallies = createPodTallies()
  let countTimer: unknown = null
  /** Pods come and go together: they are counted once for all. */
  const countSoon = () => {
    countTimer ??= options.timing.setTimeout(() => {
      countTimer = null
      snapshot.recount(tallies.takeMoved())
    }, countAfterMs)
  }
  /** Where pods were read last: what they told is as old as all that is shown. Null before, and once they may not be. */
  let podsRead: Pick<KindState, 'covered'> | null = null
  const followPods = () => {
    const state = stateOf('pods')
    const before = podsRead
    if (state?.known) podsRead = state
    else if (state?.error?.kind === 'forbidden') podsRead = null
    if (podsRead === null ? before === null : isSameCover(podsRead.covered, before?.covered)) return
    tallies.takeMoved()
    snapshot.recount(null)
  }
  const podsOf = (namespace: string, name: string) => {
    const isRead = podsRead !== null && (podsRead.covered?.has(namespace) ?? true)
    return isRead ? tallies.of(namespace, name) : null
  }
  const snapshot = createSnapshot(id, {
    podsOf,
    now: options.timing.now,
    emit: (change) => {
      options.emit(change)
      touch()
    },
  })
  const stores = {
    runtimes: createKindStore(readRuntime, touch),
    pods: createKindStore(
      readPod,
      () => {
        touch()
        countSoon()
      },
      tallies.move,
    ),
    nodes: createKindStore(readNode, touch),
    namespaces: createKindStore(readNamespace, () => {}),
    slices: createKindStore(readSlice, () => {
      touch()
      followClaims()
    }),
    claims: createKindStore(readClaim, touch),
  }

  const stateOf = (kind: Kind) => watches.get(kind)?.watch.state() ?? null

  /** Where a kind is kept. */
  const keepIn = (kind: Kind, group: ApiGroup | null): Keeping<unknown> => {
    if (kind === 'deployments') return keepDeployments(snapshot, group!) as Keeping<unknown>
    // Each store is given back what it read itself.
    return keepObjects(stores[kind] as KindStore<unknown>) as Keeping<unknown>
  }

  const start = (kind: Kind, group: ApiGroup | null) => {
    let entry: Watched | null = null
    entry = {
      group,
      wasSynced: false,
      behindSince: options.timing.now(),
      watch: watchKind<unknown>({
        transport: instance.transport,
        timing: options.timing,
        path: (namespace) => pathOf(kind, group, namespace),
        candidates: collections[kind].isNamespaced ? candidates : null,
        ledgers,
        pace,
        ...keepIn(kind, group),
        onState: (latest) => {
          // Its first words come while it is being made.
          if (!entry) return
          const { synced } = entry.watch.state()
          if (latest.phase === 'retrying') {
            const { delayMs, error } = latest
            options.log.debug({ instance: id, kind, error, delayMs }, 'watch interrupted')
            if (entry.wasSynced) options.onBroken(error)
          }
          if (synced !== entry.wasSynced) touch()
          if (kind === 'pods') followPods()
          entry.wasSynced = synced
          entry.behindSince = synced ? null : (entry.behindSince ?? options.timing.now())
          options.onState()
          reportTrouble()
        },
        onHeard: () => {
          if (!upStates.has(instance.status.state)) options.onHeard()
        },
        track: options.track,
      }),
    }
    watches.set(kind, entry)
    if (kind === 'deployments') options.timing.setTimeout(reportTrouble, firstListMs)
  }

  const end = (kind: Kind) => {
    watches.get(kind)?.watch.stop()
    watches.delete(kind)
  }

  /** Most clusters offer no devices, and then nothing is claimed. */
  const hasDevices = () => stores.slices.size().objects > 0

  const followClaims = () => {
    if (stopped || hasDevices() === watches.has('claims')) return
    if (hasDevices()) return start('claims', null)
    end('claims')
    stores.claims.clear()
  }

  const candidates = () => [
    ...new Set([
      ...(instance.contextNamespace === null ? [] : [instance.contextNamespace]),
      ...options.candidates(),
      ...stores.namespaces.list().map(({ name }) => name),
    ]),
  ]

  const clear = () => {
    podsRead = null
    snapshot.clear()
    for (const store of Object.values(stores)) store.clear()
  }

  const behind = (): KindNow[] =>
    [...watches].map(([kind, { behindSince, watch }]) => ({
      kind,
      state: watch.state(),
      behindMs: behindSince === null ? 0 : options.timing.now() - behindSince,
    }))

  const reportTrouble = () => {
    const now = stopped ? null : describeTrouble(id, behind())
    if (now === trouble || stopped) return
    trouble = now
    options.onTrouble(now)
  }

  const describeSource = (): SummarySource => {
    const nodes = stateOf('nodes')
    const pods = stateOf('pods')
    const runtimes = stateOf('runtimes')
    const slices = stateOf('slices')
    const claims = stateOf('claims')
    const hasAllPods = pods?.known === true && pods.covered === null
    return {
      nodes: nodes?.known ? stores.nodes.list() : null,
      pods: hasAllPods ? stores.pods.list() : null,
      slices: stores.slices.list(),
      claims: claims?.known ? stores.claims.list() : null,
      deviceReasons: [
        ...(slices ? describeOld(id, 'slices', slices) : []),
        ...(claims?.known
          ? describeOld(id, 'claims', claims)
          : [describeMissing(id, 'claims', claims)]),
      ],
      reasons: [
        ...(nodes?.known ? describeOld(id, 'nodes', nodes) : [describeMissing(id, 'nodes', nodes)]),
        ...(hasAllPods ? describeOld(id, 'pods', pods) : [describeMissing(id, 'pods', pods)]),
      ],
      runtimes:
        runtimes?.known || runtimes?.error?.kind === 'not-found' ? stores.runtimes.list() : null,
      deploymentCounts: Object.fromEntries(
        snapshot.namespaces().map(({ entries, namespace }) => [namespace, entries.length]),
      ),
    }
  }

  return {
    snapshot,
    instance: () => instance,
    stateOf,
    heardAt: () => {
      const heard = [...watches]
        .filter(([kind]) => kind !== 'slices' && kind !== 'claims')
        .flatMap(([, { watch }]) => watch.state().heardAt ?? [])
      return heard.length === 0 ? null : Math.min(...heard)
    },
    summary: summary.get,
    pods: stores.pods.list,
    namespaces: stores.namespaces.list,

    follow: (next) => {
      const cameBack = !upStates.has(instance.status.state) && upStates.has(next.status.state)
      const isOtherCluster =
        next.clusterIdentity !== null &&
        clusterIdentity !== null &&
        next.clusterIdentity !== clusterIdentity
      const isOtherTransport = next.transport !== transport
      instance = next
      transport = next.transport
      clusterIdentity = next.clusterIdentity ?? clusterIdentity
      const { apiGroup, status } = next
      // A new credential starts without blame, at the registry too.
      if (isOtherTransport) trouble = null
      if (isOtherCluster) clear()
      else if (status.state === 'no-crd') {
        snapshot.clear()
        stores.runtimes.clear()
      }
      // Without a group a cluster that answers either has no CRD or rests, and then nothing there may be read.
      const isReadable = apiGroup !== null || status.state === 'no-crd'
      const isAnswering = upStates.has(status.state)
      for (const kind of kinds) {
        const entry = watches.get(kind)
        const group = hasGroup(kind) ? apiGroup : null
        const isWanted = hasGroup(kind)
          ? apiGroup !== null
          : (isReadable && (kind !== 'claims' || hasDevices())) ||
            (entry !== undefined && !isAnswering)
        const isSame = entry?.group === group && !isOtherTransport && !isOtherCluster
        const isWaiting = cameBack && entry?.watch.isWaiting() === true
        if (entry && (!isWanted || !isSame || isWaiting)) end(kind)
        if (isWanted && !watches.has(kind)) start(kind, group)
      }
      touch()
      reportTrouble()
    },

    lookAround: () => {
      for (const { watch } of watches.values()) watch.lookAround()
    },

    stop: () => {
      stopped = true
      for (const kind of kinds) end(kind)
      options.timing.clearTimeout(countTimer)
      summary.stop()
    },
  }
}

type Keeping<T> = Pick<KindWatchOptions<T>, 'read' | 'onReplace' | 'onEvent' | 'size'>

function keepDeployments(snapshot: Snapshot, group: ApiGroup): Keeping<FleetEntry> {
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

function isSameCover(a: KindState['covered'], b: KindState['covered'] | undefined): boolean {
  if (!a || !b) return a === b
  return a.size === b.size && [...a].every((namespace) => b.has(namespace))
}

function hasGroup(kind: Kind): boolean {
  return kind === 'deployments' || kind === 'runtimes'
}

function pathOf(kind: Kind, group: ApiGroup | null, namespace: string | null): KubePath {
  const within = namespace === null ? [] : ['namespaces', namespace]
  switch (kind) {
    case 'deployments':
      return kubePath('apis', group!, apiVersion, ...within, 'modeldeployments')
    case 'runtimes':
      return kubePath('apis', group!, apiVersion, 'inferenceproviderconfigs')
    case 'pods':
      return kubePath('api', 'v1', ...within, 'pods')
    case 'nodes':
      return kubePath('api', 'v1', 'nodes')
    case 'namespaces':
      return kubePath('api', 'v1', 'namespaces')
    case 'slices':
      return kubePath('apis', 'resource.k8s.io', 'v1', 'resourceslices')
    case 'claims':
      return kubePath('apis', 'resource.k8s.io', 'v1', 'resourceclaims')
  }
}

type KindNow = { kind: Kind; state: KindState; behindMs: number }

/** What of a cluster that answers cannot be read. It names no namespace: not everybody may know of each. */
function describeTrouble(id: string, watched: readonly KindNow[]): string | null {
  // Devices are an extra: most clusters serve none, and forbid what they do not serve.
  const states = watched.filter(({ kind }) => kind !== 'slices' && kind !== 'claims')
  const failing = states.filter(isFailing)
  const isUnread = ({ behindMs, kind, state }: KindNow) =>
    kind === 'deployments' && !state.known && state.error === null && behindMs >= firstListMs
  const partial = states.filter(({ state }) => state.covered !== null)
  const words = (some: typeof states) => listWords(some.map(({ kind }) => collections[kind].words))
  const sentences = [
    ...(failing.length > 0
      ? [describeBlindness(id, words(failing), failing[0]!.state.error!)]
      : []),
    ...(states.some(isUnread)
      ? [`The deployments of instance "${id}" are still being read for the first time.`]
      : []),
    ...(partial.length > 0 ? [describePartial(id, words(partial))] : []),
  ]
  return sentences.length > 0 ? sentences.join(' ') : null
}

export function describePartial(id: string, words: string): string {
  return `The hub's credential may read ${words} of instance "${id}" in some namespaces only, so others are missing. An administrator of the hub can extend its rights on the cluster.`
}

function describeBlindness(id: string, words: string, error: ClusterError): string {
  return `The hub cannot read ${words} of instance "${id}". ${toAppError(error, { instance: id }).detail}`
}

function isFailing({ behindMs, kind, state }: KindNow): boolean {
  if (state.synced || state.error === null) return false
  // An older AI Runway has none.
  if (kind === 'runtimes' && state.error.kind === 'not-found') return false
  return !probeTells.has(state.error.kind) || behindMs >= probeTellsWithinMs
}

/** Why one kind is not up to date. What is too much is said of what. */
export function describeFailure(id: string, words: string, error: ClusterError): string {
  if (error.kind === 'too-much') return describeBlindness(id, words, error)
  return toAppError(error, { instance: id }).detail
}

function describeMissing(
  id: string,
  kind: 'nodes' | 'pods' | 'claims',
  state: KindState | null,
): string {
  const { words } = collections[kind]
  if (state?.covered) return describePartial(id, words)
  if (state?.error) return describeFailure(id, words, state.error)
  return `The ${words} of instance "${id}" have not been read yet.`
}

/** Of what was read once, and is not up to date. */
function describeOld(id: string, kind: Kind, state: KindState): string[] {
  if (state.synced || state.error === null) return []
  return [
    `The ${collections[kind].words} are as they were last heard of. ${describeFailure(id, collections[kind].words, state.error)}`,
  ]
}

function listWords(words: string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words)
}

function readNamespace(object: KubeObject): ClusterNamespace | null {
  const name = object.metadata?.name
  if (typeof name !== 'string') return null
  return { name, isActive: !(isRecord(object.status) && object.status.phase === 'Terminating') }
}
