import type { FleetMap, MapPool } from '@hub/shared'
import { nameProduct } from '../../lib/name-product.ts'

export type MapInstance = FleetMap['instances'][number]
export type MapNode = MapInstance['nodes'][number]

/** One GPU: who holds it, or why nobody does. */
export type MapCell =
  | { kind: 'held'; holder: { namespace: string; name: string; count: number }; pool: MapPool }
  | { kind: 'others' | 'free' | 'reserved' | 'unavailable' | 'unknown'; pool: MapPool }

/** GPUs beside each other of which the same is to say. */
export interface MapRun {
  cell: MapCell
  length: number
}

/** The GPUs of some pools, one after the other: those of one holder together. */
export function listRuns(pools: readonly MapPool[]): MapRun[] {
  const runs: MapRun[] = []
  for (const pool of pools) {
    const add = (kind: Exclude<MapCell['kind'], 'held'>, length: number) => {
      if (length > 0) runs.push({ cell: { kind, pool }, length })
    }
    const { holders, others, free, reserved, unavailable, total } = pool
    for (const holder of holders ?? []) {
      if (holder.count > 0)
        runs.push({ cell: { kind: 'held', holder, pool }, length: holder.count })
    }
    add('others', others)
    if (free === null) add('unknown', total - reserved - unavailable)
    else add('free', free)
    add('reserved', reserved)
    add('unavailable', unavailable)
  }
  return runs
}

/** Every place of an instance where GPUs are; those of no node come last, without a name. */
export function listPlaces({ nodes, unplaced }: MapInstance): MapNode[] {
  if (!unplaced || unplaced.length === 0) return nodes
  return [...nodes, { name: '', isReady: true, isCordoned: false, pools: unplaced }]
}

/** How many GPUs each namespace holds that the person sees, and how many whatever else. */
export interface HolderCounts {
  byNamespace: ReadonlyMap<string, number>
  others: number
}

export function countHolders({ instances }: FleetMap): HolderCounts {
  const byNamespace = new Map<string, number>()
  let others = 0
  for (const place of instances.flatMap(listPlaces)) {
    for (const pool of place.pools) {
      others += pool.others
      for (const { namespace, count } of pool.holders ?? []) {
        byNamespace.set(namespace, (byNamespace.get(namespace) ?? 0) + count)
      }
    }
  }
  return { byNamespace, others }
}

/** "12 of 16 free", or what else is to say of an instance's GPUs. */
export function describeInstanceGpus(instance: MapInstance): string {
  const pools = listPlaces(instance).flatMap((place) => place.pools)
  const total = pools.reduce((sum, pool) => sum + pool.total, 0)
  if (total === 0) return instance.reason === null ? 'no GPUs' : 'GPUs unknown'
  if (pools.some(({ free }) => free === null)) return `${total} GPUs, free unknown`
  return `${pools.reduce((sum, { free }) => sum + (free ?? 0), 0)} of ${total} free`
}

/** "llama, ml-team: 4 of NVIDIA L40S on node gpu-7" */
export function describeCell(cell: MapCell, node: MapNode): string {
  const where = node.name === '' ? '' : ` on ${node.name}`
  const product = nameProduct(cell.pool.product)
  switch (cell.kind) {
    case 'held': {
      const { count, name, namespace } = cell.holder
      return `${name} in ${namespace} holds ${count} ${product}${where}`
    }
    case 'others':
      return `${product}${where}: in use by something you cannot see, or by no deployment`
    case 'free':
      return `${product}${where}: free`
    case 'reserved':
      return `${product}${where}: reserved by a taint`
    case 'unavailable':
      return `${product}${where}: not available${describeWhy(node)}`
    case 'unknown':
      return `${product}${where}: not known whether it is in use`
  }
}

/** Why nothing new runs on a node; empty where something may. */
export function describeWhy({ isReady, isCordoned }: MapNode): string {
  if (!isReady) return ', the node is not ready'
  return isCordoned ? ', the node is cordoned' : ''
}
