import type { MapPool } from '@hub/shared'
import { expect, test } from 'vitest'
import { drawMap } from './draw-map.ts'
import { samplePool } from './sample-pool.ts'

const none: MapPool = {
  ...samplePool,
  free: 0,
  reserved: 0,
  unavailable: 0,
  holders: [],
  others: 0,
}
const sizes = { cell: 10, gap: 2, between: 8 }

function draw(pools: MapPool[], columns: number) {
  const node = { name: 'node-1', isReady: true, isCordoned: false, pools }
  const layout = { nodes: [{ node, x: 5, y: 20, columns }], height: 100, sizes }
  return drawMap(layout, new Map([['research', 3]]))
}

/** Where each part of a path begins and ends. */
function trace(path: string): string[] {
  let [x, y] = [0, 0]
  let start = [x, y]
  const parts: string[] = []
  for (const [, command, text] of path.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const [first = 0, second = 0] = (text!.match(/-?[\d.]+/g) ?? []).map(Number)
    const from = [x, y]
    if (command === 'M') [x, y] = [first, second]
    else if (command === 'z') [x, y] = start as [number, number]
    else if (command === 'v') y += first
    else [x, y] = [x + first, y + second]
    if (command === 'M' || command === 'm') start = [x, y]
    else parts.push(`${from.join()} ${x},${y}`)
  }
  return parts
}

test('a cell that somebody holds is filled, in the colour of the namespace', () => {
  const held = (name: string, count: number) => ({ namespace: 'research', name, count })
  const [shape, ...rest] = draw([{ ...none, holders: [held('llama', 3), held('qwen', 1)] }], 2)
  expect(rest).toEqual([])
  expect(shape).toMatchObject({ color: 'var(--hub-holder-3)', width: 10 })
  expect(trace(shape!.path)).toEqual(['5,25 15,25', '17,25 27,25', '5,37 15,37', '17,37 27,37'])
})

test('an empty cell is a line around it, and the line across says why nobody may have it', () => {
  const pools = [
    { ...none, free: 1, reserved: 1, unavailable: 1 },
    { ...none, total: 1, free: null, holders: null },
  ]
  const [around, across] = draw(pools, 8)
  expect(around).toMatchObject({ color: 'var(--hub-map-line)', width: 1 })
  expect(trace(around!.path).filter((_part, at) => at % 4 === 0)).toEqual([
    '5.5,20.5 14.5,20.5',
    '17.5,20.5 26.5,20.5',
    '29.5,20.5 38.5,20.5',
    '41.5,20.5 50.5,20.5',
  ])
  expect(across).toMatchObject({ color: 'var(--hub-tone-neutral)', width: 1 })
  expect(trace(across!.path)).toEqual(['18,29 26,21', '30,29 38,21', '30,21 38,29', '45,25 47,25'])
})
