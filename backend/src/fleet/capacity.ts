import type { Capacity, GpuPool } from '@hub/shared'
import { countDevice, countOn, type Count } from './count-devices.ts'
import { listDevices, type ClaimFacts, type SliceFacts } from './devices.ts'
import { isAcceleratorLike } from './extended-resources.ts'
import type { NodeFacts } from './read-node.ts'

/** What a pod holds on its node, by extended resource; nothing once it is finished. */
export type PodFacts = { node: string | null; requests: Record<string, number> }

/** Null is what may not be read; `reasons` say why in sentences, or that what was read may be old. */
export type CapacityFacts = {
  nodes: readonly NodeFacts[] | null
  pods: readonly PodFacts[] | null
  slices: readonly SliceFacts[]
  claims: readonly ClaimFacts[] | null
  reasons: readonly string[]
  /** The same of slices and claims: it counts where there are devices to claim. */
  deviceReasons: readonly string[]
}

type Pool = GpuPool & { nodeNames: Set<string>; isKnown: boolean }

/** Counts the accelerators of a cluster by product and resource, and what else its nodes offer by name. */
export function computeCapacity(facts: CapacityFacts): Capacity {
  const { claims, nodes, pods, reasons } = facts
  if (nodes === null) return { nodes: null, gpus: null, resources: null, reason: join(reasons) }
  const pools = createPools()
  const requested = pods && sumRequests(pods)
  for (const node of nodes) {
    for (const offer of node.resources) {
      const held = requested && (requested.get(node.name)?.[offer.resource] ?? 0)
      const pool = pools.of(offer, requested !== null)
      pool.nodeNames.add(node.name)
      addCount(pool, countOn(node, offer, held), held)
    }
  }
  const byName = new Map(nodes.map((node) => [node.name, node]))
  // What a node offered that is no more is not there either.
  const devices = listDevices(facts.slices, claims).filter(
    ({ node }) => node === null || byName.has(node),
  )
  const blocks = new Map<string, number>()
  for (const { driver, isHeld, isTainted, memoryMiB, node, pool: of, product } of devices) {
    const pool = pools.of(
      { resource: driver, product, memoryMiB, isClaimed: true },
      isHeld !== null,
    )
    if (node !== null) pool.nodeNames.add(node)
    const at = node === null ? null : byName.get(node)!
    const count = countDevice(at, isTainted, isHeld)
    addCount(pool, count, isHeld === null ? null : Number(isHeld), 0)
    if (count.free === 0 || isHeld === null) continue
    const block = JSON.stringify([driver, product, node ?? of])
    blocks.set(block, (blocks.get(block) ?? 0) + 1)
    pool.largestFreeBlock = Math.max(pool.largestFreeBlock!, blocks.get(block)!)
  }
  return {
    nodes: {
      total: nodes.length,
      ready: nodes.filter(({ isReady }) => isReady).length,
      cordoned: nodes.filter(({ isCordoned }) => isCordoned).length,
    },
    ...pools.list(),
    reason: join(devices.length > 0 ? [...reasons, ...facts.deviceReasons] : reasons),
  }
}

/** `held` may be more than there is; null where it is not known. `block` is what of the free lies together. */
function addCount(pool: Pool, count: Count, held: number | null, block = count.free): void {
  const { free, reserved, unavailable, used } = count
  pool.allocatable += used + free
  pool.reserved += reserved
  pool.unavailable += unavailable
  if (held === null) return
  pool.requested! += used > 0 ? held : 0
  pool.free! += free
  pool.largestFreeBlock = Math.max(pool.largestFreeBlock!, block)
}

function createPools() {
  const pools = new Map<string, Pool>()
  type Offer = { resource: string; product: string; memoryMiB: number | null; isClaimed?: boolean }
  return {
    of: ({ isClaimed = false, memoryMiB, product, resource }: Offer, isCounted: boolean): Pool => {
      const key = `${product}\n${resource}`
      const pool = pools.get(key) ?? {
        product,
        resource,
        isClaimed,
        memoryMiB: null,
        nodes: 0,
        allocatable: 0,
        reserved: 0,
        unavailable: 0,
        requested: isCounted ? 0 : null,
        free: isCounted ? 0 : null,
        largestFreeBlock: isCounted ? 0 : null,
        nodeNames: new Set<string>(),
        isKnown: isClaimed || isAcceleratorLike(resource),
      }
      pool.memoryMiB ??= memoryMiB
      pools.set(key, pool)
      return pool
    },
    list: (): Pick<Capacity, 'gpus' | 'resources'> => {
      const sorted = [...pools.values()]
        .map(({ nodeNames, ...pool }) => ({ ...pool, nodes: nodeNames.size }))
        .toSorted((a, b) => compare(a.product, b.product) || compare(a.resource, b.resource))
      return {
        gpus: sorted.filter(({ isKnown }) => isKnown).map(({ isKnown: _, ...pool }) => pool),
        resources: sorted
          .filter(({ isKnown }) => !isKnown)
          .map(({ isClaimed: _, isKnown: __, memoryMiB: ___, product: ____, ...pool }) => pool),
      }
    },
  }
}

function sumRequests(pods: readonly PodFacts[]): Map<string, Record<string, number>> {
  const byNode = new Map<string, Record<string, number>>()
  for (const { node, requests } of pods) {
    if (node === null) continue
    const held = byNode.get(node) ?? {}
    for (const [resource, count] of Object.entries(requests)) {
      held[resource] = (held[resource] ?? 0) + count
    }
    byNode.set(node, held)
  }
  return byNode
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function join(reasons: readonly string[]): string | null {
  return reasons.length === 0 ? null : reasons.join(' ')
}
