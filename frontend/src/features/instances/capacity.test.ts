import { AccessMode, type GpuPool, type Runtime } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { nameProduct } from '../../lib/name-product.ts'
import {
  accessModeWords,
  describeNodes,
  describeOther,
  describePool,
  describeRuntime,
  sharesOfPool,
  summarizeGpus,
  summarizeRuntimes,
} from './capacity.ts'

const pool = (change: Partial<GpuPool> = {}): GpuPool => ({
  product: 'NVIDIA-H100-80GB-HBM3',
  resource: 'nvidia.com/gpu',
  memoryMiB: 81_559,
  nodes: 2,
  isClaimed: false,
  allocatable: 16,
  reserved: 0,
  unavailable: 0,
  requested: 9,
  free: 7,
  largestFreeBlock: 4,
  ...change,
})
const unknown = { requested: null, free: null, largestFreeBlock: null }

describe('describePool', () => {
  test.each([
    [{}, '7 of 16 free', '9 of 16 in use', ['up to 4 free on one node']],
    [{ free: 0, requested: 16, largestFreeBlock: 0 }, '0 of 16 free', '16 of 16 in use', []],
    [
      { unavailable: 8 },
      '7 of 16 free',
      '9 of 16 in use',
      ['up to 4 free on one node', '8 unavailable'],
    ],
    [unknown, '16 in all, free unknown', '16 in all, free unknown', []],
  ])('%j', (change, free, inUse, notes) => {
    expect(describePool(pool(change))).toEqual({ free, inUse, notes })
  })
})

describe('sharesOfPool', () => {
  test('shares a bar among all devices, unavailable ones too', () => {
    expect(sharesOfPool(pool({ allocatable: 12, requested: 8, free: 4, unavailable: 4 }))).toEqual({
      used: 50,
      free: 25,
      reserved: 0,
      unavailable: 25,
    })
  })

  test('never claims what is not known, and never leaves the bar', () => {
    expect(sharesOfPool(pool(unknown)).used).toBeNull()
    expect(sharesOfPool(pool({ requested: 40, free: 0 })).used).toBe(100)
    expect(sharesOfPool(pool({ allocatable: 0, requested: 0, free: 0 })).free).toBe(0)
  })
})

test('H50: what is reserved by taint is a figure and a part of the bar of its own', () => {
  const tainted = pool({ allocatable: 8, requested: 1, free: 7, reserved: 7, unavailable: 1 })
  expect(describePool(tainted)).toEqual({
    free: '7 of 8 free',
    inUse: '1 of 8 in use',
    notes: ['up to 4 free on one node', '7 reserved by taint', '1 unavailable'],
  })
  const shares = sharesOfPool(tainted)
  expect(shares).toEqual({ used: 6.25, free: 43.75, reserved: 43.75, unavailable: 6.25 })
  expect(summarizeGpus({ gpus: [tainted] })).toBe('7 of 8 GPUs free')
})

test('sums GPUs up only where all of them are known', () => {
  const half = pool({ allocatable: 4, requested: 4, free: 0 })
  expect(summarizeGpus({ gpus: [pool(), half] })).toBe('7 of 20 GPUs free')
  expect(summarizeGpus({ gpus: [pool(), pool(unknown)] })).toBeNull()
  expect(summarizeGpus({ gpus: [] })).toBeNull()
  expect(summarizeGpus({ gpus: null })).toBeNull()
})

test.each([
  [null, 'unknown'],
  [{ total: 0, ready: 0, cordoned: 0 }, 'none'],
  [{ total: 3, ready: 3, cordoned: 0 }, '3 ready'],
  [{ total: 5, ready: 4, cordoned: 1 }, '5: 4 ready, 1 cordoned'],
])('nodes %j read "%s"', (nodes, words) => {
  expect(describeNodes(nodes)).toBe(words)
})

describe('runtimes', () => {
  const runtime = (isReady: boolean, isStale: boolean): Runtime => ({
    name: 'kaito',
    displayName: 'KAITO',
    isReady,
    isStale,
    version: null,
    lastHeartbeatAt: null,
    engines: [],
  })

  test('a silent one is not called ready, whatever it said last', () => {
    expect(describeRuntime(runtime(true, true)).words).toBe('Silent')
    expect(summarizeRuntimes([runtime(true, true), runtime(true, false)])).toBe(
      '1 of 2 ready, 1 silent',
    )
  })

  test.each([
    [null, 'unknown'],
    [[], 'none'],
    [[runtime(true, false)], '1 ready'],
    [[runtime(false, false)], '0 of 1 ready'],
  ])('%#', (runtimes, words) => {
    expect(summarizeRuntimes(runtimes)).toBe(words)
  })
})

test('every access mode has words of its own', () => {
  expect(new Set(AccessMode.options.map((mode) => accessModeWords[mode])).size).toBe(
    AccessMode.options.length,
  )
})

test("H50: a resource's own name is not taken apart", () => {
  expect(nameProduct('nvidia.com/gpu-small')).toBe('nvidia.com/gpu-small')
  const {
    isClaimed: _,
    memoryMiB: __,
    product: ___,
    ...thing
  } = pool({
    resource: 'example.com/npu_x',
    reserved: 2,
  })
  expect(describeOther(thing)).toBe('example.com/npu_x: 7 of 16 free, 2 reserved by taint')
})
