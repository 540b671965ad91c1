import { expect, test } from 'vitest'
import { holdTime } from '../../../test/held-time.ts'
import { runTargets } from './run-targets.ts'

const limits = { most: 3, perInstance: 2, slowMs: 2_000 }

function start(instances: readonly string[]) {
  const { advance, timing } = holdTime()
  const ends: (() => void)[] = []
  const begun: number[] = []
  const done = runTargets(
    instances.map((instance) => ({ instance })),
    (_, index) => {
      begun.push(index)
      return new Promise<void>((resolve) => (ends[index] = resolve))
    },
    timing,
    limits,
  )
  return {
    advance,
    begun,
    done,
    end: async (index: number) => void (ends[index]!(), await settle()),
  }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('so many run at once, and no more than two on one instance, in their order', async () => {
  const { begun, done, end } = start(['a', 'a', 'a', 'b', 'b', 'c'])
  expect(begun).toEqual([0, 1, 3])
  await end(3)
  expect(begun).toEqual([0, 1, 3, 4])
  await end(0)
  expect(begun).toEqual([0, 1, 3, 4, 2])
  for (const index of [1, 4, 2]) await end(index)
  await end(5)
  await done
  expect(begun).toEqual([0, 1, 3, 4, 2, 5])
})

test('those that a dying cluster holds take no place from the others', async () => {
  const { advance, begun, done, end } = start(['dead', 'dead', 'dying', 'a', 'a', 'a'])
  expect(begun).toEqual([0, 1, 2])
  await advance(2_000)
  expect(begun).toEqual([0, 1, 2, 3, 4])
  await end(3)
  expect(begun).toEqual([0, 1, 2, 3, 4, 5])
  for (const index of [0, 1, 2, 4, 5]) await end(index)
  await done
})

test('of nothing it is done at once', async () => {
  const { begun, done } = start([])
  await done
  expect(begun).toEqual([])
})
