import type { Capacity, Runtime } from '@hub/shared'
import type { Clock } from '#context'
import type { Timing } from '#kube'
import { computeCapacity } from './capacity.ts'
import type { NodeFacts } from './read-node.ts'
import type { ClaimFacts, SliceFacts } from './devices.ts'
import { mapGpus, type GpuMap, type MapFacts } from './map-gpus.ts'
import { heartbeatMaxMs, presentRuntime, type RuntimeFacts } from './runtimes.ts'

/** What one instance has, as of the latest reading. */
export type InstanceSummary = {
  capacity: Capacity
  runtimes: Runtime[] | null
  /** Made when somebody looks, and then the same until the next reading. */
  gpuMap(): GpuMap
}

export type SummarySource = Pick<MapFacts, 'pods' | 'hasDeployment'> & {
  nodes: readonly NodeFacts[] | null
  slices: readonly SliceFacts[]
  claims: readonly ClaimFacts[] | null
  reasons: readonly string[]
  deviceReasons: readonly string[]
  runtimes: readonly RuntimeFacts[] | null
  /** By namespace. */
  deploymentCounts: Readonly<Record<string, number>>
}

export type Summary = {
  get(): InstanceSummary
  /** Something that it is made of changed. */
  touch(): void
  stop(): void
}

const everyMs = 1_000
const soonMs = 50

/**
 * Keeps the summary of an instance, made at most once a second however much changes, and tells when it is another. Where
 * no more than numbers of deployments are others, it tells in which namespaces: that is nothing to who sees none of them.
 */
export function createSummary(options: {
  read: () => SummarySource
  onChange: (namespaces: readonly string[] | null) => void
  now: Clock
  timing: Timing
}): Summary {
  const { now, timing } = options
  let current: InstanceSummary = {
    capacity: {
      nodes: null,
      gpus: null,
      resources: null,
      reason: 'The nodes have not been read yet.',
    },
    runtimes: null,
    gpuMap: () => noGpus,
  }
  let told = ''
  let toldCounts: SummarySource['deploymentCounts'] = {}
  let madeAt = Number.NEGATIVE_INFINITY
  let timer: unknown = null
  let isTouched = false

  const schedule = (ms: number) => {
    timing.clearTimeout(timer)
    timer = timing.setTimeout(make, ms)
  }

  const make = () => {
    isTouched = false
    madeAt = timing.now()
    const { deploymentCounts, runtimes, ...facts } = options.read()
    const at = now()
    current = {
      capacity: computeCapacity(facts),
      runtimes:
        runtimes &&
        runtimes
          .map((runtime) => presentRuntime(runtime, at))
          .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      gpuMap: mapOnce(facts),
    }
    // A heartbeat alone is no news: it comes every minute, and its absence shows as stale.
    const lasting = current.runtimes?.map(({ lastHeartbeatAt: _, ...rest }) => rest)
    const news = JSON.stringify([current.capacity, lasting])
    const counted = [...new Set([...Object.keys(toldCounts), ...Object.keys(deploymentCounts)])]
    const recounted = counted.filter((name) => toldCounts[name] !== deploymentCounts[name])
    const untilStale = (current.runtimes ?? [])
      .filter(({ isStale }) => !isStale)
      .map(({ lastHeartbeatAt }) => Date.parse(lastHeartbeatAt!) + heartbeatMaxMs - at.getTime())
    timer = null
    // A cluster may name a heartbeat of any time to come.
    const soonest = untilStale.reduce((least, ms) => Math.min(least, ms + 1), heartbeatMaxMs)
    if (untilStale.length > 0) schedule(Math.max(everyMs, soonest))
    const isOther = news !== told
    if (!isOther && recounted.length === 0) return
    told = news
    toldCounts = deploymentCounts
    options.onChange(isOther ? null : recounted)
  }

  return {
    get: () => current,
    touch: () => {
      if (isTouched) return
      isTouched = true
      schedule(Math.max(soonMs, madeAt + everyMs - timing.now()))
    },
    stop: () => {
      isTouched = true
      timing.clearTimeout(timer)
    },
  }
}

export const noGpus: GpuMap = { nodes: [], unplaced: [] }

function mapOnce(facts: MapFacts): () => GpuMap {
  let map: GpuMap | null = null
  return () => (map ??= mapGpus(facts))
}
