import type { DeploymentState } from '@hub/shared'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Report } from '#operation'
import { contextOf, grant } from '../../../test/contexts.ts'
import { holdTime } from '../../../test/held-time.ts'
import { createDeploymentWaits, type WaitDeps } from './wait-for-deployment.ts'

type Change = Parameters<Parameters<WaitDeps['fleet']['subscribe']>[0]>[0]
type AccessListener = Parameters<WaitDeps['onAccessChange']>[0]

const at = { instance: 'prod', namespace: 'default', name: 'qwen' }

let time: ReturnType<typeof holdTime>
let state: DeploymentState | null
let isRead: boolean
let mayRead: boolean
let ending: AbortController
const listeners = new Set<(change: Change) => void>()
const accessListeners = new Set<AccessListener>()

beforeEach(() => {
  time = holdTime()
  state = 'starting'
  isRead = true
  mayRead = true
  ending = new AbortController()
})
// Whatever ended it, nothing of it is left.
afterEach(() => {
  expect([listeners.size, accessListeners.size, time.timers()]).toEqual([0, 0, 0])
})

function follow<Listener>(set: Set<Listener>) {
  return (listener: Listener) => {
    set.add(listener)
    return () => void set.delete(listener)
  }
}

/** What the hub knows of one deployment of one instance. */
function open() {
  const deps = {
    instances: { find: () => ({ id: 'prod', status: { state: 'ready', reason: null } }) },
    fleet: {
      get: () => (state === null || !isRead ? null : { ...at, uid: 'u', phase: null }),
      instanceState: () => ({ synced: isRead, reason: 'It is being read.' }),
      deploymentsAsOf: () => null,
      explain: () => ({ state, sentence: `It is ${state}.`, evidence: [], next: `Mend ${state}.` }),
      subscribe: follow(listeners),
    },
    timing: time.timing,
    ending: ending.signal,
    reauthenticate: () => Promise.resolve(mayRead ? contextOf([grant('viewer')]) : null),
    onAccessChange: follow(accessListeners),
  } as unknown as WaitDeps
  return createDeploymentWaits(deps)
}

const become = (next: DeploymentState | null, place = at) => {
  state = next
  const change = { type: 'upsert', seq: 1, deployment: place, openJson: '' } as unknown as Change
  for (const listener of listeners) listener(change)
}
const viewer = () => contextOf([grant('viewer')])

test('it runs: at once where it does already, else when it does', async () => {
  const told: Parameters<Report>[0][] = []
  const waiting = open().wait(viewer(), at, { seconds: 60 }, (each) => void told.push(each))
  await time.advance(3_000)
  become('downloading-model')
  become('downloading-model')
  await time.advance(4_000)
  become('running')
  expect(await waiting).toMatchObject({
    outcome: 'running',
    state: 'running',
    sentence: 'It is running.',
    next: 'Mend running.',
    waitedSeconds: 7,
  })
  expect(told).toEqual([
    { progress: 0, total: 60, message: 'It is starting.' },
    { progress: 3, total: 60, message: 'It is downloading-model.' },
    { progress: 7, total: 60, message: 'It is running.' },
  ])
  expect(await open().wait(viewer(), at, { seconds: 60 })).toMatchObject({ waitedSeconds: 0 })
})

test('it needs somebody: after five seconds, within which it may pass', async () => {
  let hasEnded = false
  const waiting = open().wait(viewer(), at, { seconds: 60 })
  void waiting.then(() => (hasEnded = true))
  become('crashing')
  await time.advance(4_000)
  become('starting')
  await time.advance(4_000)
  become('waiting-for-gpus')
  await time.advance(4_999)
  expect(hasEnded).toBe(false)
  await time.advance(1)
  expect(await waiting).toMatchObject({ outcome: 'needs-attention', state: 'waiting-for-gpus' })
})

test('it is gone, also where its instance is read anew meanwhile', async () => {
  const waiting = open().wait(viewer(), at, { seconds: 60 })
  isRead = false
  become('deleting')
  isRead = true
  become(null)
  expect(await waiting).toMatchObject({ outcome: 'gone', state: null, uid: 'u', next: '' })
})

test('the time is over, and every ten seconds it says that it goes on', async () => {
  const tell = vi.fn<Report>()
  const waiting = open().wait(viewer(), at, { seconds: 35 }, tell)
  become('running', { ...at, name: 'other' })
  state = 'starting'
  await time.advance(35_000)
  expect(await waiting).toMatchObject({ outcome: 'still-waiting', state: 'starting' })
  expect(tell).toHaveBeenCalledTimes(4)
})

test('whoever may not read it any more is told so: when that is announced, and within 30 s otherwise', async () => {
  const announced = open().wait(viewer(), at, { seconds: 600 })
  mayRead = false
  for (const listener of accessListeners) listener({ topic: 'grants', subject: 'u' })
  await expect(announced).rejects.toMatchObject({ code: 'forbidden' })
  mayRead = true
  const looked = open().wait(viewer(), at, { seconds: 600 })
  const refused = looked.catch((error: unknown) => error)
  mayRead = false
  await time.advance(30_000)
  expect(await refused).toMatchObject({ code: 'forbidden' })
})

test('it ends with its caller and with the hub', async () => {
  const caller = new AbortController()
  const left = open().wait({ ...viewer(), signal: caller.signal }, at, { seconds: 600 })
  caller.abort()
  expect(await left).toMatchObject({ outcome: 'still-waiting' })
  const stopped = open().wait(viewer(), at, { seconds: 600 })
  ending.abort()
  expect(await stopped).toMatchObject({ outcome: 'still-waiting' })
})

test('nobody waits for more than sixteen, or for what is not there', async () => {
  const waits = open()
  const waiting = Array.from({ length: 16 }, () => waits.wait(viewer(), at, { seconds: 1 }))
  await expect(waits.wait(viewer(), at, { seconds: 1 })).rejects.toMatchObject({
    code: 'too-many-streams',
  })
  await time.advance(1_000)
  await Promise.all(waiting)
  state = null
  await expect(waits.wait(viewer(), at, { seconds: 1 })).rejects.toMatchObject({
    code: 'not-found',
  })
  await expect(waits.wait(contextOf([]), at, { seconds: 1 })).rejects.toMatchObject({
    code: 'not-found',
  })
})
