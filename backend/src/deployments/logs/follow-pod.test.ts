import { LogEvent } from '@hub/shared'
import { expect, test } from 'vitest'
import type { FleetPod } from '#fleet'
import { createLogOutbox } from './deliver-lines.ts'
import { followPod } from './follow-pod.ts'

test('the log of a pod that nothing ran in yet is that of the container that is meant, once it is known', async () => {
  const events: LogEvent[] = []
  const read: (string | null)[] = []
  const begun = containersOf('vllm', 'istio-proxy')
  const looks = [podWith(null, []), podWith('gpu-1', []), podWith('gpu-1', begun)]
  let at = 0
  await followPod(looks[0]!, {
    read: ({ container }) => {
      read.push(container)
      at = looks.length
      return Promise.resolve()
    },
    query: { follow: true, previous: false },
    find: () => looks[at] ?? null,
    outbox: createLogOutbox({
      write: (text) => void events.push(LogEvent.parse(JSON.parse(text))),
      format: (event) => JSON.stringify(event),
      room: () => Promise.resolve(),
      canTake: () => true,
      now: () => 0,
    }),
    wait: () => {
      at += 1
      return Promise.resolve()
    },
    signal: new AbortController().signal,
  })
  expect(read).toEqual(['vllm'])
  expect(events.map((event) => event.type === 'pod' && [event.state, event.reason])).toEqual([
    ['waiting', 'No node has taken the pod yet.'],
    ['waiting', 'The pod has not begun yet.'],
    ['ended', 'The pod is gone.'],
  ])
})

type Containers = NonNullable<FleetPod['detail']>['containers']

function containersOf(...names: string[]): Containers {
  return names.map((name) => ({
    name,
    isInit: false,
    isReady: true,
    state: 'running',
    reason: null,
    message: null,
    exitCode: null,
    restarts: 0,
    since: null,
    last: null,
  }))
}

function podWith(node: string | null, containers: Containers): FleetPod {
  return {
    namespace: 'team-a',
    name: 'llama-0',
    uid: 'u',
    node,
    phase: 'Pending',
    isRunning: false,
    deployment: 'llama',
    part: null,
    requests: {},
    detail: {
      createdAt: null,
      revision: null,
      maker: null,
      isReady: false,
      isDeleting: false,
      unscheduled: null,
      scheduledAt: null,
      gates: [],
      ended: null,
      containers,
    },
  }
}
