import type { MapPool } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { chooseColors, holderColors } from './holder-colors.ts'
import { findCell, layOutMap } from './lay-out-map.ts'
import { describeCell, describeInstanceGpus, listRuns, type MapInstance } from './map-cells.ts'
import { samplePool as pool } from './sample-pool.ts'

function instance(nodes: number, unplaced?: MapPool[]): MapInstance {
  return {
    id: 'east',
    state: 'ready',
    reason: null,
    nodes: Array.from({ length: nodes }, (_, at) => ({
      name: `node-${at}`,
      isReady: true,
      isCordoned: false,
      pools: [pool],
    })),
    ...(unplaced && { unplaced }),
  }
}

test('each GPU is one cell, and each kind is as many as the pool says', () => {
  const kinds = listRuns([pool]).map(({ cell, length }) => [cell.kind, length])
  expect(kinds).toEqual([
    ['held', 2],
    ['others', 1],
    ['free', 3],
    ['reserved', 1],
    ['unavailable', 1],
  ])
  const unknown = { ...pool, free: null, holders: null, others: 0 }
  expect(listRuns([unknown])[0]).toMatchObject({ cell: { kind: 'unknown' }, length: 6 })
})

test("a resource's own name is not taken apart", () => {
  const [node] = instance(1).nodes
  const own = { ...pool, product: 'nvidia.com/gpu-small' }
  expect(describeCell({ kind: 'free', pool: own }, node!)).toBe(
    'nvidia.com/gpu-small on node-0: free',
  )
  expect(describeCell({ kind: 'free', pool }, node!)).toBe('NVIDIA L40S on node-0: free')
})

test('an instance says how many are free, and what is not known', () => {
  expect(describeInstanceGpus(instance(2))).toBe('6 of 16 free')
  expect(describeInstanceGpus(instance(1, [{ ...pool, free: null }]))).toBe('16 GPUs, free unknown')
  expect(describeInstanceGpus(instance(0))).toBe('no GPUs')
  expect(describeInstanceGpus({ ...instance(0), reason: 'No.' })).toBe('GPUs unknown')
})

describe('the map', () => {
  const sizes = { cell: 10, gap: 2, between: 8 }

  test('fills a row before it begins the next', () => {
    const { nodes, height } = layOutMap(instance(3), 210, sizes)
    expect(nodes.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [102, 0],
      [0, 18],
    ])
    expect(height).toBe(28)
  })

  test('knows which GPU is at a point', () => {
    const layout = layOutMap(instance(2), 300, sizes)
    expect(findCell(layout, 105, 4)).toMatchObject({ at: { node: { name: 'node-1' } }, index: 0 })
    expect(findCell(layout, 97, 4)).toBeNull()
    expect(findCell(layout, 4, 40)).toBeNull()
  })
})

test('ten namespaces have ten colours, and the same ones tomorrow', () => {
  const names = Array.from({ length: holderColors }, (_, at) => `team-${at}`)
  const colors = chooseColors(names)
  expect(new Set(colors.values()).size).toBe(holderColors)
  expect(chooseColors(names.toReversed())).toEqual(colors)
  expect(chooseColors([...names, 'one-more']).get('one-more')).toBeLessThan(holderColors)
})
