import type { AccessMode, Capacity, GpuPool, ResourcePool, Runtime } from '@hub/shared'
import type { Tone } from '../../components/tone.ts'

/** "nvidia.com/gpu" says nothing beyond the product; MIG slices, time-sliced shares and other vendors do. */
export function isPlainGpu({ resource }: Pick<GpuPool, 'resource'>): boolean {
  return resource === 'nvidia.com/gpu'
}

export interface PoolWords {
  free: string
  /** The same the other way round, as a bar shows it. */
  inUse: string
  /** What else is to know, for people who look for room. */
  notes: string[]
}

export function describePool(pool: GpuPool): PoolWords {
  const { allocatable, free, largestFreeBlock, reserved, unavailable } = pool
  const out = [
    ...(reserved > 0 ? [`${reserved} reserved by taint`] : []),
    ...(unavailable > 0 ? [`${unavailable} unavailable`] : []),
    ...(pool.isClaimed ? ['only through ResourceClaims, not for deployments'] : []),
  ]
  if (free === null || pool.requested === null) {
    const words = `${allocatable} in all, free unknown`
    return { free: words, inUse: words, notes: out }
  }
  const block =
    free > 0 && largestFreeBlock !== null ? [`up to ${largestFreeBlock} free on one node`] : []
  return {
    free: `${free} of ${allocatable} free`,
    inUse: `${Math.min(pool.requested, allocatable)} of ${allocatable} in use`,
    notes: [...block, ...out],
  }
}

/** "example.com/thing: 3 of 8 free" */
export function describeOther({ allocatable, free, reserved, resource }: ResourcePool): string {
  const words = free === null ? `${allocatable} in all` : `${free} of ${allocatable} free`
  return `${resource}: ${words}${reserved > 0 ? `, ${reserved} reserved by taint` : ''}`
}

/** Shares of a bar, in percent, of all devices of the pool; `used` is null where it is not known. */
export function sharesOfPool(pool: GpuPool): {
  used: number | null
  free: number
  reserved: number
  unavailable: number
} {
  const total = Math.max(1, pool.allocatable + pool.reserved + pool.unavailable)
  const share = (count: number) => Math.max(0, Math.min(100, (count / total) * 100))
  return {
    used: pool.requested === null ? null : share(Math.min(pool.requested, pool.allocatable)),
    free: share(pool.free ?? pool.allocatable),
    reserved: share(pool.reserved),
    unavailable: share(pool.unavailable),
  }
}

/** "7 of 20 GPUs free", over all products; null where there is none or that is not known. */
export function summarizeGpus({ gpus }: Pick<Capacity, 'gpus'>): string | null {
  if (gpus === null || gpus.length === 0) return null
  let free = 0
  let all = 0
  for (const pool of gpus) {
    if (pool.free === null) return null
    free += pool.free
    all += pool.allocatable
  }
  return `${free} of ${all} GPUs free`
}

export function describeNodes(nodes: Capacity['nodes']): string {
  if (nodes === null) return 'unknown'
  const { total, ready, cordoned } = nodes
  if (total === 0) return 'none'
  const parts = [ready < total && `${ready} ready`, cordoned > 0 && `${cordoned} cordoned`].filter(
    (part) => part !== false,
  )
  return parts.length === 0 ? `${total} ready` : `${total}: ${parts.join(', ')}`
}

export function describeRuntime({ isReady, isStale }: Runtime): { words: string; tone: Tone } {
  if (isStale) return { words: 'Silent', tone: 'warning' }
  return isReady ? { words: 'Ready', tone: 'good' } : { words: 'Not ready', tone: 'bad' }
}

/** "4 of 5 ready, 1 silent" */
export function summarizeRuntimes(runtimes: readonly Runtime[] | null): string {
  if (runtimes === null) return 'unknown'
  if (runtimes.length === 0) return 'none'
  const silent = runtimes.filter(({ isStale }) => isStale).length
  const ready = runtimes.filter(({ isReady, isStale }) => isReady && !isStale).length
  const words =
    ready === runtimes.length ? `${ready} ready` : `${ready} of ${runtimes.length} ready`
  return silent > 0 ? `${words}, ${silent} silent` : words
}

export const accessModeWords: Record<AccessMode, string> = {
  service: 'As the hub: its credential acts, and the hub alone decides who may do what',
  impersonate: 'As the person: the cluster’s own rules and audit log apply too',
  passthrough: 'With the person’s own token, which the cluster trusts',
  exchange: 'With a token for the cluster, which the identity provider gives for the person’s own',
}
