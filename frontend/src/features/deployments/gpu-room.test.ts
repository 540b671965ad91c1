import type { Capacity, GpuPool } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeMissingRoom } from './gpu-room.ts'

const pool = (free: number | null, largestFreeBlock: number | null): GpuPool => ({
  product: 'NVIDIA-L40S',
  resource: 'nvidia.com/gpu',
  memoryMiB: null,
  nodes: 2,
  isClaimed: false,
  allocatable: 8,
  reserved: 0,
  unavailable: 0,
  requested: null,
  free,
  largestFreeBlock,
})
const of = (...gpus: GpuPool[]): Capacity => ({ nodes: null, gpus, resources: [], reason: null })
const ask = (gpuCount: number | '', replicas: number | '' = 1, gpuType = '') => ({
  gpuCount,
  replicas,
  gpuType,
})

test.each([
  ['what fits', ask(4), of(pool(7, 4))],
  ['replicas that share what several products have', ask(2, 3), of(pool(4, 4), pool(3, 3))],
  ['nothing asked for', ask(0), of(pool(0, 0))],
  ['the number left open', ask(''), of(pool(0, 0))],
  [
    'capacity that is not known',
    ask(8),
    { nodes: null, gpus: null, resources: null, reason: 'no right' },
  ],
  ['room that is not known', ask(8), of(pool(7, 4), pool(null, null))],
])('says nothing about %s', (_, values, capacity) => {
  expect(describeMissingRoom(values, capacity)).toBeNull()
})

test.each([
  ['a block that no node has', ask(5), of(pool(7, 4)), /at most 4 are free on one node/i],
  ['a full instance', ask(1), of(pool(0, 0)), /no gpu is free/i],
  ['more than there is in all', ask(2, 4), of(pool(7, 4)), /8 GPUs .* 7 are free/],
  ['a type that is not there', ask(1, 1, 'amd.com/gpu'), of(pool(7, 4)), /offers amd\.com\/gpu/],
  ['an instance without GPUs', ask(1), of(), /offers nvidia\.com\/gpu/],
])('warns of %s', (_, values, capacity, words) => {
  expect(describeMissingRoom(values, capacity)).toMatch(words)
})

test('H50: says what keeps a deployment from what the nodes offer', () => {
  const words = (change: Partial<GpuPool>, type = 'nvidia.com/gpu') =>
    describeMissingRoom(ask(1, 1, type), of({ ...pool(0, 0), ...change }))
  expect(words({ allocatable: 0, reserved: 8 })).toMatch(/^All 8 of nvidia\.com\/gpu .* by taints/)
  expect(words({ allocatable: 0, unavailable: 8 })).toMatch(/cordoned or not ready/)
  const driver = 'gpu.nvidia.com'
  expect(words({ resource: driver, isClaimed: true, free: 8 }, driver)).toMatch(
    /is a driver of Dynamic Resource Allocation/,
  )
  expect(words({ resource: driver, isClaimed: true, free: 8 })).toMatch(
    /No node .* nvidia\.com\/gpu/,
  )
})

test('H50: a resource of an unknown name is there like any other', () => {
  const { isClaimed: _, memoryMiB: __, product: ___, ...thing } = pool(2, 2)
  const resources = [{ ...thing, resource: 'example.com/thing' }]
  const capacity: Capacity = { nodes: null, gpus: [], resources, reason: null }
  expect(describeMissingRoom(ask(2, 1, 'example.com/thing'), capacity)).toBeNull()
  expect(describeMissingRoom(ask(3, 1, 'example.com/thing'), capacity)).toMatch(/At most 2/)
})
