import type { LogEvent } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { addressLogs, type LogFrom } from './follow-logs.ts'
import { reduce, type LogState } from './use-logs.ts'

const begun = reduce({} as LogState, { type: 'begin' })

function after(...events: LogEvent[]): LogState {
  return reduce(begun, { type: 'events', events, firstKey: 0 })
}

function lines(...texts: string[]): LogEvent {
  return {
    type: 'lines',
    pod: 'llama-0',
    container: 'vllm',
    lines: texts.map((text) => ({ at: null, text })),
  }
}

describe('a log on a page', () => {
  test('keeps the order in which lines came, each by a key of its own', () => {
    const log = after(lines('a', 'b'), lines('c'))
    expect(log.lines.map(({ key, text }) => [key, text])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ])
  })

  test('says how a pod is that is not open, until it is again', () => {
    const waiting = { type: 'pod', pod: 'llama-0', state: 'waiting', reason: 'It pulls.' } as const
    expect(after(waiting).pods.get('llama-0')).toBe('It pulls.')
    expect(after(waiting, { ...waiting, state: 'open', reason: null }).pods.size).toBe(0)
  })

  test('counts what was left out', () => {
    const dropped = { type: 'dropped', pod: 'llama-0', lines: 40, bytes: 4_000 } as const
    expect(after(dropped, dropped).dropped).toBe(80)
  })

  test('that has ended is not lost', () => {
    const ended = after({ type: 'end', reason: 'Its pods have ended.' })
    expect(reduce(ended, { type: 'lost' })).toMatchObject({
      state: 'ended',
      reason: 'Its pods have ended.',
    })
    expect(reduce(begun, { type: 'lost' }).state).toBe('lost')
  })
})

test('the run before a restart does not go on', () => {
  expect(addressLogs('/logs', { pod: 'a', container: 'b', previous: true })).toBe(
    '/logs?pod=a&container=b&previous=true&tail=500&timestamps=true',
  )
  expect(addressLogs('/logs', {})).toContain('follow=true')
})

test('begins as far back as somebody wants', () => {
  const queryOf = (from: LogFrom) => new URLSearchParams(addressLogs('', { from }).slice(1))
  expect(queryOf('latest').has('since')).toBe(false)
  expect(queryOf('more').get('tail')).toBe('10000')
  expect(queryOf('hour').get('since')).toBe('3600')
})
