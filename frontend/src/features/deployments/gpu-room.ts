import type { Capacity, ResourcePool } from '@hub/shared'
import type { Size } from './deploy/size.ts'

/** What a deployment asks for that names no type. */
const gpuTypeDefault = 'nvidia.com/gpu'

/** Why what is asked for does not fit an instance just now; null where it does, or where that is not known. */
export function describeMissingRoom(
  { replicas, gpuCount, gpuType }: Size,
  { gpus, resources }: Capacity,
): string | null {
  if (gpus === null || gpuCount === '' || gpuCount === 0) return null
  const type = gpuType.trim() || gpuTypeDefault
  const offered = gpus.filter(({ resource }) => resource === type)
  if (offered.length > 0 && offered.every(({ isClaimed }) => isClaimed)) {
    return `${type} is a driver of Dynamic Resource Allocation: its devices are claimed by ResourceClaims, which a deployment does not make. Name a resource that nodes offer, such as nvidia.com/gpu.`
  }
  const pools: ResourcePool[] = [
    ...offered.filter(({ isClaimed }) => !isClaimed),
    ...(resources ?? []).filter(({ resource }) => resource === type),
  ]
  if (pools.length > 0 && pools.every(({ allocatable }) => allocatable === 0)) {
    const reserved = pools.reduce((sum, pool) => sum + pool.reserved, 0)
    return reserved > 0
      ? `All ${reserved} of ${type} that work are on nodes reserved by taints, which a deployment does not tolerate. The deployment waits until others are available.`
      : `All nodes that offer ${type} are cordoned or not ready. The deployment waits until one is.`
  }
  if (pools.length === 0) {
    return `No node of this instance offers ${type} at the moment. The deployment waits until one does.`
  }
  let free = 0
  let block = 0
  for (const pool of pools) {
    if (pool.free === null || pool.largestFreeBlock === null) return null
    free += pool.free
    block = Math.max(block, pool.largestFreeBlock)
  }
  if (gpuCount > block) {
    const most = block === 0 ? 'No GPU is free' : `At most ${block} are free on one node`
    return `${most}, and each replica asks for ${gpuCount}. The deployment waits until there is room.`
  }
  const total = gpuCount * (replicas === '' ? 1 : replicas)
  if (total > free) {
    return `${total} GPUs are requested in total, but only ${free} ${free === 1 ? 'is' : 'are'} free. Some replicas wait until there is room.`
  }
  return null
}
