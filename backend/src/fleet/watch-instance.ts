import type { Clock } from '#context'
import { readClaim, readNode, readRuntime, readSlice, type ClusterInstance } from '#instances'
import {
  apiVersion,
  isRecord,
  kubePath,
  toAppError,
  type ApiGroup,
  type ClusterErrorKind,
  type KubeObject,
  type KubePath,
  type Timing,
} from '#kube'
import type { Logger } from '#log'
import type { FleetChangeBody } from './change-log.ts'
import { createKindStore } from './kind-store.ts'
import { readPod, type FleetPod } from './read-pod.ts'
import { createSnapshot, type Snapshot } from './snapshot.ts'
import { createSummary, type InstanceSummary, type SummarySource } from './summary.ts'
import { watchKind, type KindState, type KindWatch } from './watch-kind.ts'

export type ClusterNamespace = { name: string; isActive: boolean }

/** Everything the hub watches on one instance, each kind on its own: one that fails stops no other. */
export type InstanceWatch = {
  readonly snapshot: Snapshot
  instance(): ClusterInstance
  /** Starts, keeps or ends watches by what is now known of the instance. */
  follow(instance: ClusterInstance): void
  stateOf(kind: Kind): KindState | null
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
  onBroken: () => void
  /** What does not work on a cluster that answers; null when all does. */
  onTrouble: (trouble: string | null) => void
  now: Clock
  timing: Timing
  log: Logger
  track: (loop: Promise<void>) => void
}

type Watched = { watch: KindWatch; group: ApiGroup | null; wasSynced: boolean }

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

/** Failures of a cluster that answers; a connection that fails is for the health probe to tell. */
const troubles: ReadonlySet<ClusterErrorKind> = new Set([
  'forbidden',
  'throttled',
  'server',
  'protocol',
  'bad-request',
])

const upStates: ReadonlySet<string> = new Set(['ready', 'degraded', 'no-crd'])

export function watchInstance(options: InstanceWatchOptions): InstanceWatch {
  const { id } = options.instance
  let instance = options.instance
  /** The cluster that everything kept is of. */
  let clusterUid: string | null = null
  let trouble: string | null = null
  const watches = new Map<Kind, Watched>()
  let transport = instance.transport
  let stopped = false

  const summary = createSummary({
    read: () => describeSource(),
    onChange: options.onSummary,
    now: options.now,
    timing: options.timing,
  })
  const touch = () => summary.touch()
  const snapshot = createSnapshot(id, {
    now: options.timing.now,
    emit: (change) => {
      options.emit(change)
      touch()
    },
  })
  const stores = {
    runtimes: createKindStore(readRuntime, touch),
    pods: createKindStore(readPod, touch),
    nodes: createKindStore(readNode, touch),
    namespaces: createKindStore(readNamespace, () => {}),
    slices: createKindStore(readSlice, () => {
      touch()
      followClaims()
    }),
    claims: createKindStore(readClaim, touch),
  }

  const stateOf = (kind: Kind) => watches.get(kind)?.watch.state() ?? null

  const start = (kind: Kind, group: ApiGroup | null) => {
    const store = kind === 'deployments' ? null : stores[kind]
    let entry: Watched | null = null
    entry = {
      group,
      wasSynced: false,
      watch: watchKind({
        transport: instance.transport,
        timing: options.timing,
        path: (namespace) => pathOf(kind, group, namespace),
        candidates: collections[kind].isNamespaced ? candidates : null,
        onReplace: (items, resourceVersion, namespace) => {
          if (store) store.replace(items, namespace)
          else if (group) snapshot.replace(group, items, resourceVersion, namespace)
        },
        onEvent: (event) => {
          if (store) store.event(event)
          else if (group) snapshot.event(group, event)
        },
        onState: (latest) => {
          // Its first words come while it is being made.
          if (!entry) return
          const { synced } = entry.watch.state()
          if (latest.phase === 'retrying') {
            const { delayMs, error } = latest
            options.log.debug({ instance: id, kind, error, delayMs }, 'watch interrupted')
            if (entry.wasSynced) options.onBroken()
          }
          if (synced !== entry.wasSynced) touch()
          entry.wasSynced = synced
          options.onState()
          reportTrouble()
        },
        track: options.track,
      }),
    }
    watches.set(kind, entry)
  }

  const end = (kind: Kind) => {
    watches.get(kind)?.watch.stop()
    watches.delete(kind)
  }

  /** Most clusters offer no devices, and then nothing is claimed. */
  const hasDevices = () => stores.slices.list().length > 0

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
    snapshot.clear()
    for (const store of Object.values(stores)) store.clear()
  }

  const reportTrouble = () => {
    const now = describeTrouble(id, stateOf)
    if (now === trouble || stopped) return
    trouble = now
    options.onTrouble(now)
  }

  const describeSource = (): SummarySource => {
    const nodes = stateOf('nodes')
    const pods = stateOf('pods')
    const runtimes = stateOf('runtimes')
    const claims = stateOf('claims')
    const hasAllPods = pods?.known === true && pods.covered === null
    return {
      nodes: nodes?.known ? stores.nodes.list() : null,
      pods: hasAllPods ? stores.pods.list() : null,
      slices: stores.slices.list(),
      claims: claims?.known ? stores.claims.list() : null,
      claimsReason: claims?.known ? null : describeMissing(id, 'claims', claims),
      reasons: [
        ...(nodes?.known ? [] : [describeMissing(id, 'nodes', nodes)]),
        ...(hasAllPods ? [] : [describeMissing(id, 'pods', pods)]),
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
    summary: summary.get,
    pods: stores.pods.list,
    namespaces: stores.namespaces.list,

    follow: (next) => {
      const cameBack = !upStates.has(instance.status.state) && upStates.has(next.status.state)
      const isOtherCluster =
        next.clusterUid !== null && clusterUid !== null && next.clusterUid !== clusterUid
      const isOtherTransport = next.transport !== transport
      instance = next
      transport = next.transport
      clusterUid = next.clusterUid ?? clusterUid
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
      summary.stop()
    },
  }
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

/** What of a cluster that answers cannot be read. It names no namespace: not everybody may know of each. */
function describeTrouble(id: string, stateOf: (kind: Kind) => KindState | null): string | null {
  // Devices are an extra: most clusters serve none, and forbid what they do not serve.
  const states = kinds
    .filter((kind) => kind !== 'slices' && kind !== 'claims')
    .flatMap((kind) => {
      const state = stateOf(kind)
      return state ? [{ kind, state }] : []
    })
  const failing = states.filter(
    ({ state }) => !state.synced && state.error !== null && troubles.has(state.error.kind),
  )
  const partial = states.filter(({ state }) => state.covered !== null)
  const words = (some: typeof states) => listWords(some.map(({ kind }) => collections[kind].words))
  const sentences = [
    ...(failing.length > 0
      ? [
          `The hub cannot read ${words(failing)} of instance "${id}". ${toAppError(failing[0]!.state.error!, { instance: id }).detail}`,
        ]
      : []),
    ...(partial.length > 0 ? [describePartial(id, words(partial))] : []),
  ]
  return sentences.length > 0 ? sentences.join(' ') : null
}

export function describePartial(id: string, words: string): string {
  return `The hub's credential may read ${words} of instance "${id}" in some namespaces only, so others are missing. Ask an administrator to extend its rights on the cluster.`
}

function describeMissing(
  id: string,
  kind: 'nodes' | 'pods' | 'claims',
  state: KindState | null,
): string {
  const { words } = collections[kind]
  if (state?.covered) return describePartial(id, words)
  if (state?.error) return toAppError(state.error, { instance: id }).detail
  return `The ${words} of instance "${id}" have not been read yet.`
}

function listWords(words: string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(words)
}

function readNamespace(object: KubeObject): ClusterNamespace | null {
  const name = object.metadata?.name
  if (typeof name !== 'string') return null
  return { name, isActive: !(isRecord(object.status) && object.status.phase === 'Terminating') }
}
