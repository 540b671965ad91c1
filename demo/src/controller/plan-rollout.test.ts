import { expect, test } from 'vitest'
import type { KubeObject } from '../objects.ts'
import { planRollout } from './plan-rollout.ts'
import type { WantedPod } from './pods.ts'

const pod = (name: string, { isEnding = false, isReady = true } = {}): KubeObject => ({
  metadata: { name, ...(isEnding && { deletionTimestamp: '2026-11-01T10:00:00Z' }) },
  status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
})
const wanted = (count: number, hash = 'new', role = ''): WantedPod[] =>
  Array.from({ length: count }, (_, i) => {
    const name = `llama${role}-${hash}-${i}`
    return { name, role, pod: pod(name) }
  })
const old = (count: number, state = {}) =>
  Array.from({ length: count }, (_, i) => pod(`llama-old-${i}`, state))
const plan = (of: WantedPod[], pods: KubeObject[]) => {
  const { create, remove } = planRollout('llama', of, pods)
  return {
    create: create.map(({ name }) => name),
    remove: remove.map(({ metadata }) => metadata.name),
  }
}

test('what is missing is made at once where nothing is replaced', () => {
  expect(plan(wanted(3), [pod('llama-new-1')])).toEqual({
    create: ['llama-new-0', 'llama-new-2'],
    remove: [],
  })
})

test('what is too many of the same template goes at once, and what is of no role', () => {
  expect(
    plan(
      wanted(1),
      [0, 1, 2].map((i) => pod(`llama-new-${i}`)),
    ),
  ).toEqual({
    create: [],
    remove: ['llama-new-1', 'llama-new-2'],
  })
  expect(plan(wanted(1), [pod('llama-new-0'), pod('llama-prefill-new-0')]).remove).toEqual([
    'llama-prefill-new-0',
  ])
})

test('a single replica is made anew before the old one goes', () => {
  expect(plan(wanted(1), old(1))).toEqual({ create: ['llama-new-0'], remove: [] })
  const starting = pod('llama-new-0', { isReady: false })
  expect(plan(wanted(1), [...old(1), starting])).toEqual({ create: [], remove: [] })
  expect(plan(wanted(1), [...old(1), pod('llama-new-0')]).remove).toEqual(['llama-old-0'])
})

test('of many, a quarter may be more and a quarter fewer', () => {
  expect(plan(wanted(8), old(8))).toEqual({
    create: ['llama-new-0', 'llama-new-1'],
    remove: ['llama-old-0', 'llama-old-1'],
  })
})

test('old pods that are not ready go first; nobody is served by them', () => {
  expect(plan(wanted(2), old(2, { isReady: false })).remove).toEqual(['llama-old-0', 'llama-old-1'])
})

test('what is ending counts for nothing, and keeps its name until it is gone', () => {
  expect(plan(wanted(1), [pod('llama-new-0', { isEnding: true })])).toEqual({
    create: [],
    remove: [],
  })
  expect(plan(wanted(1), old(1, { isEnding: true })).create).toEqual(['llama-new-0'])
})

test('roles are replaced each by itself', () => {
  const both = [...wanted(1, 'new', '-prefill'), ...wanted(1, 'same', '-decode')]
  expect(plan(both, [pod('llama-prefill-old-0'), pod('llama-decode-same-0')])).toEqual({
    create: ['llama-prefill-new-0'],
    remove: [],
  })
})

test('the pod of an update that is stuck stays', () => {
  expect(plan(wanted(1), [pod('llama-new-0'), pod('llama-v2-xxxxx')]).remove).toEqual([])
})
