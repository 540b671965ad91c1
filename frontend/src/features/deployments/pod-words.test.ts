import type { DeploymentPod } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeContainer, describePod, describeRestarts, findMain } from './pod-words.ts'

const container = {
  name: 'vllm',
  isInit: false,
  isReady: true,
  state: 'running',
  reason: null,
  message: null,
  exitCode: null,
  restarts: 0,
  since: null,
  last: null,
} as const

function pod(change: Partial<DeploymentPod> = {}): DeploymentPod {
  return {
    name: 'llama-0',
    uid: 'u',
    node: 'gpu-1',
    phase: 'Running',
    isReady: true,
    isDeleting: false,
    createdAt: null,
    scheduledAt: null,
    revision: null,
    resources: [],
    containers: [container],
    unscheduled: null,
    why: null,
    ...change,
  }
}

const pulling = {
  ...container,
  isReady: false,
  state: 'waiting',
  reason: 'ImagePullBackOff',
} as const

test.each([
  [{}, 'Ready', 'good'],
  [{ isDeleting: true }, 'Ending', 'busy'],
  [{ isReady: false, phase: 'Pending' }, 'Waiting', 'busy'],
  [{ isReady: false, phase: 'Pending', why: 'No node has 8 free GPUs.' }, 'Waiting', 'warning'],
  [{ isReady: false, phase: 'Pending', containers: [pulling] }, 'Image pull back off', 'bad'],
  [{ isReady: false }, 'Starting', 'busy'],
  [{ isReady: false, phase: 'Failed' }, 'Failed', 'bad'],
  [{ isReady: false, phase: 'Hibernating' }, 'Hibernating', 'neutral'],
])('%j is %s', (change, words, tone) => {
  expect(describePod(pod(change))).toEqual({ words, tone })
})

test('the container whose log is shown is none that prepares the pod, unless there is no other', () => {
  const first = { ...container, name: 'fetch', isInit: true }
  expect(findMain(pod({ containers: [first, container] }))).toBe(container)
  expect(findMain(pod({ containers: [first] }))).toBe(first)
})

test('a container says how it is, and how it ended before', () => {
  expect(describeContainer(container)).toBe('runs and is ready')
  const last = { reason: 'OOMKilled', exitCode: 137, at: null }
  expect(describeContainer({ ...pulling, reason: 'CrashLoopBackOff', last })).toBe(
    'waits: CrashLoopBackOff; it ended before: out of memory, exit code 137',
  )
  expect(
    describeContainer({ ...container, state: 'terminated', reason: 'Error', exitCode: 1 }),
  ).toBe('ended: Error, exit code 1')
})

test('restarts are those of all containers', () => {
  expect(
    describeRestarts({
      containers: [
        { ...container, restarts: 4 },
        { ...container, restarts: 3 },
      ],
    }),
  ).toBe(7)
})
