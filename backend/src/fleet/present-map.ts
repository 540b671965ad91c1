import type { FleetMap, InstanceState } from '@hub/shared'
import type { GpuMap, MapPool } from './map-gpus.ts'
import type { Visibility } from './visibility.ts'

type MapInstance = FleetMap['instances'][number]
type PoolShown = MapInstance['nodes'][number]['pools'][number]
export type MapTotals = FleetMap['totals']

/** The map of an instance as far as somebody may see who holds what; of all else it counts how many. */
export function presentMap(
  instance: { id: string; state: InstanceState; reason: string | null },
  { nodes, unplaced }: GpuMap,
  visibility: Visibility,
): MapInstance {
  const sees = (namespace: string) => visibility.sight(instance.id, namespace) !== null
  return {
    ...instance,
    nodes: nodes.map((node) => ({
      ...node,
      pools: node.pools.map((pool) => presentPool(pool, sees)),
    })),
    ...(unplaced.length > 0 && { unplaced: unplaced.map((pool) => presentPool(pool, sees)) }),
  }
}

function presentPool(pool: MapPool, sees: (namespace: string) => boolean): PoolShown {
  const { free, holds, product, reserved, resource, total, unavailable, used } = pool
  const place = { product, resource, total, reserved, unavailable }
  if (holds === null) return { ...place, free: null, holders: null, others: 0 }
  const holders: NonNullable<PoolShown['holders']> = []
  // Pods may hold more than there is, and on a node that is not ready nothing is in use.
  let left = used
  for (const { count, deployment, namespace } of holds) {
    const counted = Math.min(count, left)
    if (counted === 0 || !sees(namespace)) continue
    holders.push({ namespace, name: deployment, count: counted })
    left -= counted
  }
  return { ...place, free, holders, others: left }
}

export function noTotals(): MapTotals {
  return { total: 0, used: 0, free: 0, reserved: 0, unavailable: 0, unknown: 0 }
}

/** What is neither reserved nor unavailable is unknown where it is not known what pods hold. */
export function sumMap({ nodes, unplaced }: GpuMap): MapTotals {
  const totals = noTotals()
  for (const pool of [...nodes.flatMap(({ pools }) => pools), ...unplaced]) {
    const isKnown = pool.holds !== null
    totals.total += pool.total
    totals.reserved += pool.reserved
    totals.unavailable += pool.unavailable
    totals.used += isKnown ? pool.used : 0
    totals.free += isKnown ? pool.free : 0
    totals.unknown += isKnown ? 0 : pool.used + pool.free
  }
  return totals
}

export function addTotals(to: MapTotals, from: Readonly<MapTotals>): void {
  for (const key of Object.keys(to) as (keyof MapTotals)[]) to[key] += from[key]
}
