import { FleetMap, type Grant, type InstanceState } from '@hub/shared'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '#rbac'
import { contextOf, grant } from '../../test/contexts.ts'
import { computeCapacity, type CapacityFacts } from './capacity.ts'
import type { NodeFacts } from './read-node.ts'
import { createFleetMap } from './get-map.ts'
import { mapGpus, type GpuMap, type MapFacts } from './map-gpus.ts'
import { createVisibilities } from './visibility.ts'

const nodeNames = ['n1', 'n2', 'n3']
const namespaces = ['team-a', 'team-b', 'kube-system']
const resources = ['nvidia.com/gpu', 'amd.com/gpu', 'example.com/fpga']
const count = fc.integer({ min: 0, max: 8 })

const node = (name: string) =>
  fc.record({
    name: fc.constant(name),
    isReady: fc.boolean(),
    isCordoned: fc.boolean(),
    isHeldBack: fc.boolean(),
    taints: fc.constantFrom<NodeFacts['taints'][]>(
      [],
      [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
      [{ key: 'team', effect: 'NoExecute' }],
    ),
    resources: fc.subarray(resources).chain((some) =>
      fc.tuple(
        ...some.map((resource) =>
          fc.record({
            resource: fc.constant(resource),
            product: fc.constantFrom('H100', resource),
            memoryMiB: fc.constant(null),
            capacity: count,
            allocatable: count,
          }),
        ),
      ),
    ),
  })
const pod = fc.record({
  node: fc.constantFrom(...nodeNames, 'gone', null),
  namespace: fc.constantFrom(...namespaces),
  deployment: fc.constantFrom<(string | null)[]>('a', 'b', 'no-more', null),
  requests: fc.dictionary(fc.constantFrom(...resources), count),
})
const slice = fc.record({
  driver: fc.constantFrom('gpu.nvidia.com', 'net.example.com'),
  pool: fc.constantFrom('p1', 'p2'),
  generation: fc.integer({ min: 1, max: 2 }),
  devices: fc.array(
    fc.record({
      name: fc.constantFrom('d1', 'd2', 'd3'),
      node: fc.constantFrom(...nodeNames, 'gone', null),
      uuid: fc.constant(null),
      product: fc.constantFrom('H100', 'L4'),
      memoryMiB: fc.constant(null),
      isTainted: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
  parts: fc.constant<{ name: string; of: string }[]>([]),
})
const claim = fc.record({
  devices: fc.array(
    fc.record({
      driver: fc.constant('gpu.nvidia.com'),
      pool: fc.constantFrom('p1', 'p2'),
      device: fc.constantFrom('d1', 'd2'),
    }),
    { maxLength: 3 },
  ),
})
const world = fc.record({
  nodes: fc.option(fc.tuple(...nodeNames.map(node)), { freq: 9 }),
  pods: fc.option(fc.array(pod, { maxLength: 12 }), { freq: 5 }),
  slices: fc.array(slice, { maxLength: 3 }),
  claims: fc.option(fc.array(claim, { maxLength: 3 })),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

const grants = fc.constantFrom<Partial<Grant>[]>(
  [{}],
  [{ namespaces: ['team-a'] }],
  [{ namespaces: ['team-b'] }, { instanceId: 'west' }],
  [{ instanceId: 'east' }],
  [],
)

describe('the map', () => {
  it('has the sums of capacity, by product and resource', () => {
    fc.assert(
      fc.property(world, (facts) => {
        const map = mapOf(facts)
        const { gpus } = computeCapacity({ ...facts, reasons: [], deviceReasons: [] })
        const pools = [...map.nodes.flatMap((each) => each.pools), ...map.unplaced]
        const byKind = Map.groupBy(pools, ({ product, resource }) => `${product} ${resource}`)
        expect(byKind.size).toBe(gpus?.length ?? 0)
        for (const gpu of gpus ?? []) {
          const own = byKind.get(`${gpu.product} ${gpu.resource}`)!
          const sum = (of: 'total' | 'used' | 'free' | 'reserved' | 'unavailable') =>
            own.reduce((all, each) => all + each[of], 0)
          expect({
            total: sum('total'),
            allocatable: sum('used') + sum('free'),
            free: own.some(({ holds }) => holds === null) ? null : sum('free'),
            reserved: sum('reserved'),
            unavailable: sum('unavailable'),
          }).toEqual({
            total: gpu.allocatable + gpu.reserved + gpu.unavailable,
            allocatable: gpu.allocatable,
            free: gpu.free,
            reserved: gpu.reserved,
            unavailable: gpu.unavailable,
          })
        }
      }),
      { numRuns: 500 },
    )
  })

  it('names who holds what the caller may see, counts the rest, and adds up', () => {
    fc.assert(
      fc.property(world, world, grants, (east, west, scopes) => {
        const held = scopes.map((scope) => grant('viewer', scope))
        const { instances, totals } = open({ east: mapOf(east), west: mapOf(west) }).get(held)
        const sum = { total: 0, used: 0, free: 0, reserved: 0, unavailable: 0, unknown: 0 }
        for (const { id, nodes, unplaced = [] } of instances) {
          const place = { instance: id, namespace: null }
          expect(decide(held, 'instance.view', place, new Date())).toBe(true)
          for (const each of [...nodes.flatMap(({ pools }) => pools), ...unplaced]) {
            sum.total += each.total
            sum.reserved += each.reserved
            sum.unavailable += each.unavailable
            const rest = each.total - each.reserved - each.unavailable
            expect(each.free === null).toBe(each.holders === null)
            if (each.holders === null) {
              sum.unknown += rest
              continue
            }
            const named = each.holders.reduce((all, holder) => all + holder.count, 0)
            expect(named + each.others).toBe(rest - each.free!)
            expect(
              Math.min(each.others, each.free!, ...each.holders.map((of) => of.count - 1)),
            ).toBeGreaterThanOrEqual(0)
            sum.free += each.free!
            sum.used += rest - each.free!
            for (const { name, namespace } of each.holders) {
              expect(['a', 'b']).toContain(name)
              const at = { instance: id, namespace }
              expect(decide(held, 'deployment.view', at, new Date())).toBe(true)
            }
          }
        }
        expect(totals).toEqual(sum)
      }),
      { numRuns: 500 },
    )
  })

  it('names every holder to whoever sees all, as far as there is something to hold', () => {
    const offer = { resource: 'nvidia.com/gpu', product: 'H100', memoryMiB: null }
    const ready = { isReady: true, isCordoned: false, isHeldBack: false, taints: [] }
    const east = mapOf({
      nodes: [
        { ...ready, name: 'n2', resources: [{ ...offer, capacity: 4, allocatable: 4 }] },
        { ...ready, name: 'n1', resources: [{ ...offer, capacity: 8, allocatable: 8 }] },
        { ...ready, name: 'n3', resources: [] },
      ],
      pods: [
        holding('n1', 'team-b', 'b', 2),
        holding('n1', 'team-a', 'a', 1),
        holding('n1', 'team-a', 'a', 1),
        holding('n1', 'team-a', null, 1),
        holding('n2', 'team-a', 'a', 3),
        holding('n2', 'team-b', 'b', 3),
        holding(null, 'team-b', 'b', 3),
      ],
      slices: [],
      claims: null,
    })
    const place = { product: 'H100', resource: 'nvidia.com/gpu', reserved: 0, unavailable: 0 }
    const { get } = open({ east })
    const poolsOf = (held: Grant[]) =>
      get(held).instances[0]!.nodes.map(({ name, pools }) => [name, ...pools])
    expect(poolsOf([grant('viewer')])).toEqual([
      [
        'n1',
        {
          ...place,
          total: 8,
          free: 3,
          holders: [
            { namespace: 'team-a', name: 'a', count: 2 },
            { namespace: 'team-b', name: 'b', count: 2 },
          ],
          others: 1,
        },
      ],
      [
        'n2',
        {
          ...place,
          total: 4,
          free: 0,
          holders: [
            { namespace: 'team-a', name: 'a', count: 3 },
            { namespace: 'team-b', name: 'b', count: 1 },
          ],
          others: 0,
        },
      ],
    ])
    const some = poolsOf([grant('viewer', { namespaces: ['team-b'] })])
    expect(some.map(([, pool]) => pool)).toMatchObject([
      { free: 3, holders: [{ namespace: 'team-b', name: 'b', count: 2 }], others: 3 },
      { free: 0, holders: [{ namespace: 'team-b', name: 'b', count: 3 }], others: 1 },
    ])
  })
})

describe('createFleetMap', () => {
  it('is the same for everybody with the same rights, until an instance is read anew', () => {
    const map = mapOf({ nodes: [], pods: [], slices: [], claims: [] })
    const { change, keep } = open({ east: map, west: map })
    const first = keep([grant('viewer')])
    expect(keep([grant('viewer')])).toBe(first)
    // As it was, though it was read again.
    change('east', { map: { ...map } })
    expect(keep([grant('viewer')])).toBe(first)
    change('east', { map: { ...map }, state: 'unreachable' })
    const second = keep([grant('viewer')])
    expect(second).not.toBe(first)
    expect(second.etag()).not.toBe(first.etag())
    expect(keep([grant('viewer', { instanceId: 'west' })]).etag()).not.toBe(second.etag())
    change('west', null)
    expect(keep([grant('viewer')]).etag()).not.toBe(second.etag())
  })

  it('is for who is known', () => {
    const { getFleetMap } = open({})
    expect(() => getFleetMap(contextOf(null))).toThrow(/unauthenticated/)
    expect(
      open({ east: mapOf({ nodes: null, pods: null, slices: [], claims: null }) }).get([]),
    ).toEqual({
      instances: [],
      totals: { total: 0, used: 0, free: 0, reserved: 0, unavailable: 0, unknown: 0 },
    })
  })
})

function mapOf(facts: Pick<CapacityFacts, 'nodes' | 'slices' | 'claims'> & Pick<MapFacts, 'pods'>) {
  return mapGpus({ ...facts, hasDeployment: (_, name) => name !== 'no-more' })
}

function holding(on: string | null, namespace: string, deployment: string | null, gpus: number) {
  return {
    node: on,
    namespace,
    deployment,
    requests: { 'nvidia.com/gpu': gpus },
  } satisfies NonNullable<World['pods']>[number]
}

function open(maps: Record<string, GpuMap>) {
  const known = new Map<string, { map: GpuMap; state: InstanceState }>(
    Object.entries(maps).map(([id, map]) => [id, { map, state: 'ready' }] as const),
  )
  const getFleetMap = createFleetMap({
    fleet: {
      instanceIds: () => [...known.keys()],
      visibilityOf,
      gpuMap: (id) => ({ map: known.get(id)!.map, reason: null }),
    },
    instances: {
      find: (id) => ({ status: { state: known.get(id)!.state } }) as never,
    },
  })
  return {
    getFleetMap,
    keep: (held: Grant[]) => getFleetMap(contextOf(held)),
    get: (held: Grant[]) =>
      FleetMap.parse(JSON.parse(Buffer.from(getFleetMap(contextOf(held)).bytes).toString())),
    change: (id: string, to: { map: GpuMap; state?: InstanceState } | null) => {
      if (to) known.set(id, { state: 'ready', ...to })
      else known.delete(id)
    },
  }
}

const visibilityOf = createVisibilities()
