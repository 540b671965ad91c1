import { describe, expect, test } from 'vitest'
import { describeDuration, describeTimeline } from './timeline.ts'

const created = '2026-11-28T12:00:00Z'
const condition = (
  type: string,
  lastTransitionTime: string,
  status: 'True' | 'False' = 'True',
) => ({
  type,
  status,
  reason: '',
  message: '',
  lastTransitionTime,
})
const container = {
  name: 'vllm',
  isInit: false,
  isReady: true,
  state: 'running',
  reason: null,
  message: null,
  exitCode: null,
  restarts: 0,
  since: '2026-11-28T12:01:05Z',
  last: null,
} as const

describe('the way of a deployment to serving', () => {
  test('each step says how long the one before it took', () => {
    const facts = {
      createdAt: created,
      conditions: [
        condition('ResourceCreated', '2026-11-28T12:00:02Z'),
        condition('Ready', '2026-11-28T12:04:05Z'),
      ],
    }
    const pods = [
      { createdAt: '2026-11-28T12:00:20Z', scheduledAt: null, containers: [] },
      {
        createdAt: '2026-11-28T12:00:05Z',
        scheduledAt: '2026-11-28T12:00:15Z',
        containers: [container],
      },
    ]
    expect(describeTimeline(facts, pods).map(({ label, tookMs }) => [label, tookMs])).toEqual([
      ['Asked for', null],
      ['Passed to its runtime', 2_000],
      ['Pods queued', 3_000],
      ['Placed on a node', 10_000],
      ['Image pulled, started', 50_000],
      ['Model loaded, serving', 180_000],
    ])
  })

  test('what has not come, or is not known, has no time', () => {
    const facts = { createdAt: created, conditions: [condition('Ready', created, 'False')] }
    expect(describeTimeline(facts, null).map(({ at }) => at)).toEqual([
      created,
      null,
      null,
      null,
      null,
      null,
    ])
    const broken = { createdAt: 'soon', conditions: [] }
    expect(describeTimeline(broken, null)[0]?.at).toBeNull()
  })

  test('a step that is written down a moment after the next one took no time', () => {
    const facts = {
      createdAt: created,
      conditions: [condition('ResourceCreated', '2026-11-28T12:00:04Z')],
    }
    const pods = [
      {
        createdAt: '2026-11-28T12:00:03Z',
        scheduledAt: '2026-11-28T12:00:05Z',
        containers: [container],
      },
    ]
    expect(describeTimeline(facts, pods).map(({ tookMs }) => tookMs)).toEqual([
      null,
      4_000,
      0,
      1_000,
      60_000,
      null,
    ])
  })

  test('a pod that is younger than what it serves tells no length', () => {
    const facts = { createdAt: created, conditions: [condition('Ready', '2026-11-28T12:04:05Z')] }
    const pods = [{ createdAt: '2026-11-28T14:00:00Z', scheduledAt: null, containers: [] }]
    expect(describeTimeline(facts, pods).at(-1)).toMatchObject({ tookMs: null })
  })
})

test.each([
  [400, 'under a second'],
  [42_000, '42 s'],
  [120_000, '2 min'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
])('%i ms is %s', (ms, words) => {
  expect(describeDuration(ms)).toBe(words)
})
