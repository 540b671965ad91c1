import type { CapacityFacts, PodFacts } from './capacity.ts'
import type { NodeFacts } from './read-node.ts'
import { countDevice, countOn, type Count } from './count-devices.ts'
import { listDevices } from './devices.ts'
import { isAcceleratorLike } from './extended-resources.ts'

/** What the pods of one deployment hold of a pool. */
type Hold = { namespace: string; deployment: string; count: number }

/** Devices of one product in one place. `holds` are those that are known; null where it is not known what is held. */
export type MapPool = Count & {
  product: string
  resource: string
  total: number
  holds: readonly Hold[] | null
}

type MapNode = Pick<NodeFacts, 'name' | 'isReady' | 'isCordoned'> & { pools: MapPool[] }

/** The accelerators of one instance, each on its node, for nobody in particular. */
export type GpuMap = { nodes: readonly MapNode[]; unplaced: readonly MapPool[] }

export type MapFacts = Pick<CapacityFacts, 'nodes' | 'slices' | 'claims'> & {
  pods: readonly HoldingPod[] | null
  hasDeployment(namespace: string, name: string): boolean
}
type HoldingPod = PodFacts & { namespace: string; deployment: string | null }

/** What capacity counts, where it is and who holds it. Nodes without accelerators are left out. */
export function mapGpus(facts: MapFacts): GpuMap {
  if (facts.nodes === null) return { nodes: [], unplaced: [] }
  const podsOf = facts.pods && Map.groupBy(facts.pods, ({ node }) => node)
  const nodes = facts.nodes.map((node) => {
    const pods = podsOf && (podsOf.get(node.name) ?? [])
    return { ...node, pools: mapResources(node, pods, facts) }
  })
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const unplaced: MapPool[] = []
  const known = new Map<string, MapPool>()
  for (const device of listDevices(facts.slices, facts.claims)) {
    const node = device.node === null ? null : byName.get(device.node)
    if (node === undefined) continue
    const { driver: resource, isHeld, isTainted, product } = device
    const key = JSON.stringify([device.node, product, resource])
    let pool = known.get(key)
    if (!pool) {
      pool = { product, resource, ...none, total: 0, holds: isHeld === null ? null : [] }
      known.set(key, pool)
      const pools = node?.pools ?? unplaced
      pools.push(pool)
    }
    addCount(pool, countDevice(node, isTainted, isHeld))
  }
  return {
    nodes: nodes
      .filter(({ pools }) => pools.length > 0)
      .map(({ isCordoned, isReady, name, pools }) => ({ name, isReady, isCordoned, pools }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    unplaced,
  }
}

const none: Count = { used: 0, free: 0, reserved: 0, unavailable: 0 }

function addCount(pool: MapPool, count: Count): void {
  pool.used += count.used
  pool.free += count.free
  pool.reserved += count.reserved
  pool.unavailable += count.unavailable
  pool.total += 1
}

/** What device plugins offer on a node, held by the pods there. */
function mapResources(
  node: NodeFacts,
  pods: readonly HoldingPod[] | null,
  { hasDeployment }: MapFacts,
): MapPool[] {
  return node.resources
    .filter(({ resource }) => isAcceleratorLike(resource))
    .map((offer) => {
      const { product, resource } = offer
      const holding = pods?.filter(({ requests }) => (requests[resource] ?? 0) > 0) ?? []
      const held = pods && holding.reduce((sum, { requests }) => sum + requests[resource]!, 0)
      const count = countOn(node, offer, held)
      const total = count.used + count.free + count.reserved + count.unavailable
      const holds = pods && sumHolds(holding, resource, hasDeployment)
      return { product, resource, ...count, total, holds }
    })
}

/** By deployment, in the order of their names. What belongs to none, or to one that is no more, is not named. */
function sumHolds(
  pods: readonly HoldingPod[],
  resource: string,
  hasDeployment: MapFacts['hasDeployment'],
): Hold[] {
  const holds = new Map<string, Hold>()
  for (const { deployment, namespace, requests } of pods) {
    if (deployment === null || !hasDeployment(namespace, deployment)) continue
    const key = `${namespace}/${deployment}`
    const hold = holds.get(key) ?? { namespace, deployment, count: 0 }
    holds.set(key, { ...hold, count: hold.count + requests[resource]! })
  }
  return [...holds].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, hold]) => hold)
}
