import type { Clock } from '#context'
import type { Timing } from '#kube'
import type { LiveFacts, Room } from './explain/facts.ts'
import type { KindStores } from './kind-stores.ts'
import type { Kind } from './kinds.ts'
import { createPodTallies } from './pod-tallies.ts'
import type { PodTally } from './read-deployment.ts'
import type { NodeFacts } from './read-node.ts'
import type { FleetPod } from './read-pod.ts'
import type { WarningFacts } from './read-warning.ts'
import type { Recounted } from './recount-entries.ts'
import type { InstanceSummary } from './summary.ts'
import { createWarningIndex, deploymentsOf } from './warning-index.ts'
import type { KindState } from './watch-kind.ts'

type Place = { namespace: string; name: string }

/** What is read around deployments, as far as it may be, and when it is another. */
export type LiveFollower = {
  podMoved(before: FleetPod | null, after: FleetPod | null): void
  warningMoved(before: WarningFacts | null, after: WarningFacts | null): void
  /** What is touched is counted soon, once for all that comes together. */
  countSoon(): void
  /** Something that whatever does not run may wait for is another. */
  unsettledSoon(): void
  nodeMoved(before: NodeFacts | null, after: NodeFacts | null): void
  /** Where pods are read may be another. */
  follow(state: KindState | null): void
  /** Null where pods are not read. */
  tallyOf(namespace: string, deployment: string): PodTally | null
  liveOf(namespace: string, deployment: string): LiveFacts
  changesAt(of: Place, at: number | null): void
  clear(): void
  stop(): void
}

const countAfterMs = 50
/** A cluster's times may be of any time to come. */
const laterMsMax = 3_600_000

export function createLiveFollower(options: {
  stores: () => KindStores
  stateOf: (kind: Kind) => KindState | null
  capacity: () => InstanceSummary['capacity']
  recount: (of: Recounted) => void
  timing: Timing
  now: Clock
}): LiveFollower {
  const { capacity, now, recount, stateOf, stores, timing } = options
  const tallies = createPodTallies()
  const warnings = createWarningIndex()
  const later = createLater({ timing, now, onDue: (due) => recount(due) })
  let timer: unknown = null
  let isUnsettled = false
  /** Where pods were read last: what they told is as old as all that is shown. Null before, and once they may not be. */
  let read: Pick<KindState, 'covered'> | null = null

  const countSoon = () => {
    timer ??= timing.setTimeout(() => {
      timer = null
      const moved = tallies.takeMoved()
      if (moved.length > 0) recount(moved)
      if (isUnsettled) recount('unsettled')
      isUnsettled = false
    }, countAfterMs)
  }
  const unsettledSoon = () => {
    isUnsettled = true
    countSoon()
  }
  const isRead = (namespace: string) => read !== null && (read.covered?.has(namespace) ?? true)
  const touch = (warning: WarningFacts | null) => {
    for (const name of namesOf(warning, stores())) tallies.touch(warning!.namespace, name)
  }

  return {
    podMoved: tallies.move,
    warningMoved: (before, after) => {
      warnings.move(before, after)
      touch(before)
      touch(after)
      countSoon()
    },
    countSoon,
    unsettledSoon,
    // Its pods are told of beside it, and may be told of first.
    nodeMoved: (before, after) => {
      if (before && after && before.isReady !== after.isReady) unsettledSoon()
    },
    follow: (state) => {
      const before = read
      if (state?.known) read = state
      else if (state?.error?.kind === 'forbidden') read = null
      if (read === null ? before === null : isSameCover(read.covered, before?.covered)) return
      tallies.takeMoved()
      recount('all')
    },
    tallyOf: (namespace, deployment) =>
      isRead(namespace) ? tallies.of(namespace, deployment) : null,
    liveOf: (namespace, deployment) => {
      const { quotas, runtimes } = stores()
      return {
        pods: isRead(namespace) ? tallies.podsOf(namespace, deployment) : null,
        runtimes: stateOf('runtimes')?.known ? runtimes.list() : null,
        get quotas() {
          if (!stateOf('quotas')?.known) return null
          return quotas.list().filter((each) => each.namespace === namespace)
        },
        warningsOf: (kind, name) => warnings.of(kind, namespace, name),
        ownerWarnings: warnings.ofOwner(namespace, deployment),
        roomFor: (resource) => findRoom(capacity(), stores(), resource),
        isNodeDown: (node) => stores().nodes.find(`/${node}`)?.isReady === false,
      }
    },
    changesAt: later.set,
    clear: () => {
      read = null
      later.clear()
    },
    stop: () => {
      timing.clearTimeout(timer)
      later.clear()
    },
  }
}

/** The deployments that a warning may be about. */
function namesOf(warning: WarningFacts | null, { pods }: KindStores): readonly string[] {
  if (warning === null) return []
  if (warning.about.kind !== 'Pod') return deploymentsOf(warning)
  const name = pods.find(`${warning.namespace}/${warning.about.name}`)?.deployment
  return name == null ? [] : [name]
}

/** Of the latest reading. Null where it is not known what is free. */
function findRoom(
  { gpus }: InstanceSummary['capacity'],
  { nodes }: KindStores,
  resource: string,
): Room | null {
  const pools = gpus?.filter((pool) => pool.resource === resource) ?? []
  if (gpus === null || pools.some(({ free }) => free === null)) return null
  const largest = nodes
    .list()
    .flatMap(({ resources }) =>
      resources.flatMap((each) => (each.resource === resource ? each.allocatable : [])),
    )
  return {
    largestNode: Math.max(0, ...largest),
    largestFree: Math.max(0, ...pools.map(({ largestFreeBlock }) => largestFreeBlock ?? 0)),
    free: pools.reduce((sum, { free }) => sum + (free ?? 0), 0),
  }
}

/** Remembers when what becomes another by time alone, with one timer for all. */
function createLater(options: { timing: Timing; now: Clock; onDue: (due: Place[]) => void }) {
  const { now, onDue, timing } = options
  const waiting = new Map<string, Place & { at: number }>()
  let timer: unknown = null
  let timerAt = Number.POSITIVE_INFINITY

  const schedule = () => {
    const soonest = [...waiting.values()].reduce(
      (least, { at }) => Math.min(least, at),
      Number.POSITIVE_INFINITY,
    )
    timing.clearTimeout(timer)
    timer = null
    timerAt = soonest
    if (soonest === Number.POSITIVE_INFINITY) return
    const inMs = Math.min(laterMsMax, Math.max(countAfterMs, soonest - now().getTime()))
    timer = timing.setTimeout(fire, inMs)
  }
  const fire = () => {
    const time = now().getTime()
    const due = [...waiting].filter(([, { at }]) => at <= time)
    for (const [key] of due) waiting.delete(key)
    timerAt = Number.POSITIVE_INFINITY
    if (due.length > 0) onDue(due.map(([, { name, namespace }]) => ({ name, namespace })))
    schedule()
  }
  return {
    set: ({ name, namespace }: Place, at: number | null) => {
      const key = `${namespace}/${name}`
      if (at === null) return void waiting.delete(key)
      waiting.set(key, { name, namespace, at })
      if (at < timerAt) schedule()
    },
    clear: () => {
      waiting.clear()
      timing.clearTimeout(timer)
      timer = null
      timerAt = Number.POSITIVE_INFINITY
    },
  }
}

function isSameCover(a: KindState['covered'], b: KindState['covered'] | undefined): boolean {
  if (!a || !b) return a === b
  return a.size === b.size && [...a].every((namespace) => b.has(namespace))
}
