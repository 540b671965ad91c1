import type { Capacity } from '@hub/shared'
import type { DeployValues } from './deploy-values.ts'

/** What a deployment asks for that names no type. */
const gpuTypeDefault = 'nvidia.com/gpu'

/** Why what is asked for does not fit an instance just now; null where it does, or where that is not known. */
export function describeMissingRoom(
  { replicas, gpuCount, gpuType }: Pick<DeployValues, 'replicas' | 'gpuCount' | 'gpuType'>,
  { gpus }: Capacity,
): string | null {
  if (gpus === null || gpuCount === '' || gpuCount === 0) return null
  const type = gpuType.trim() || gpuTypeDefault
  const pools = gpus.filter(({ resource }) => resource === type)
  if (pools.every(({ allocatable }) => allocatable === 0)) {
    return `No node of this instance offers ${type} just now. The deployment waits until one does.`
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
    return `${total} GPUs are asked for in all, and ${free} ${free === 1 ? 'is' : 'are'} free. Some replicas wait until there is room.`
  }
  return null
}
