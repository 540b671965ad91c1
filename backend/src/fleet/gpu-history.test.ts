import { FleetHistory, type Capacity, type GpuPool } from '@hub/shared'
import { expect, test } from 'vitest'
import { contextOf, grant } from '../../test/contexts.ts'
import { createFleetHistory } from './gpu-history.ts'
import { createVisibilities } from './visibility.ts'

const pool = (change: Partial<GpuPool>): GpuPool => ({
  product: 'H100',
  resource: 'nvidia.com/gpu',
  isClaimed: false,
  memoryMiB: null,
  nodes: 1,
  allocatable: 8,
  reserved: 0,
  unavailable: 0,
  requested: 0,
  free: 8,
  largestFreeBlock: 8,
  ...change,
})
const capacity = (gpus: GpuPool[] | null): Capacity => ({
  nodes: null,
  gpus,
  resources: null,
  reason: null,
})

function open() {
  const known = new Map<string, Capacity>()
  let minutes = 0
  const now = () => new Date(Date.UTC(2026, 0, 1, 0, minutes))
  const historian = createFleetHistory({
    fleet: {
      instanceIds: () => [...known.keys()],
      capacityOf: (id) => known.get(id)!,
      visibilityOf: createVisibilities(),
    },
    now,
  })
  const keep = (grants = [grant('viewer')]) => historian.get(contextOf(grants, { now }))
  return {
    known,
    keep,
    read: (grants?: Parameters<typeof keep>[0]) =>
      FleetHistory.parse(JSON.parse(Buffer.from(keep(grants).bytes).toString())),
    anonymous: () => historian.get(contextOf(null)),
    minute: async () => {
      await historian.job.run({ signal: new AbortController().signal, lease: null })
      minutes += 1
    },
  }
}

test('is empty at first, and says since when it is kept', async () => {
  const { minute, read } = open()
  expect(read()).toMatchObject({ since: null, at: [], sum: { used: [] }, instances: [] })
  await minute()
  await minute()
  expect(read()).toMatchObject({
    since: '2026-01-01T00:00:00.000Z',
    stepSeconds: 60,
    at: ['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z'],
    sum: { used: [null, null], free: [null, null], total: [null, null] },
  })
})

test('adds up what is known, of each instance and of all that the caller may see', async () => {
  const { known, minute, read } = open()
  known.set('east', capacity([pool({ free: 3, reserved: 2 }), pool({ unavailable: 1 })]))
  await minute()
  // Pods may not be listed there, and nodes not on the third.
  known.set('west', capacity([pool({ free: null })]))
  known.set('north', capacity(null))
  known.set('east', capacity([pool({ free: 0 })]))
  await minute()
  const { instances, sum } = read()
  expect(instances).toEqual([
    { id: 'east', used: [5, 8], free: [11, 0], total: [19, 8] },
    { id: 'west', used: [null, null], free: [null, null], total: [null, 8] },
    { id: 'north', used: [null, null], free: [null, null], total: [null, null] },
  ])
  expect(sum).toEqual({ used: [5, 8], free: [11, 0], total: [19, 16] })
  expect(read([grant('viewer', { instanceId: 'west' })])).toMatchObject({
    instances: [{ id: 'west' }],
    sum: { total: [null, 8] },
  })
  expect(read([]).instances).toEqual([])
})

test('is kept for everybody with the same rights until the next minute, or another instance', async () => {
  const { anonymous, keep, known, minute } = open()
  await minute()
  const first = keep()
  expect(keep()).toBe(first)
  known.set('east', capacity([]))
  const second = keep()
  expect(second).not.toBe(first)
  await minute()
  expect(keep()).not.toBe(second)
  expect(anonymous).toThrow(/unauthenticated/)
})

test('goes back six hours', async () => {
  const { known, minute, read } = open()
  known.set('east', capacity([pool({})]))
  for (let each = 0; each < 365; each += 1) await minute()
  const { at, instances, since } = read()
  expect([at.length, at[0], instances[0]!.total.length]).toEqual([
    360,
    '2026-01-01T00:05:00.000Z',
    360,
  ])
  expect(since).toBe('2026-01-01T00:00:00.000Z')
})
