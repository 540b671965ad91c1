import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { noteTime, onClockSet, readClock } from './clock.ts'

const hub = Date.parse('2026-03-29T01:30:00Z')
const answer = (date?: string) => new Headers(date === undefined ? {} : { date })
const fromHub = () => noteTime(answer(new Date(hub).toUTCString()))

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.setSystemTime(hub)
  fromHub()
  vi.useRealTimers()
})

test.each([
  [0, 0],
  [-59_000, -59_000],
  [59_000, 59_000],
  [-3 * 3_600_000, 0],
  [26 * 3_600_000, 0],
])('of a machine whose clock is %i ms off, the time is %i ms off', (off, left) => {
  vi.setSystemTime(hub + off)
  fromHub()
  expect(readClock() - hub).toBe(left)
})

test('an answer that tells no time changes nothing, and one that does is told of once', () => {
  const listener = vi.fn<() => void>()
  const stop = onClockSet(listener)
  vi.setSystemTime(hub - 3_600_000)
  fromHub()
  noteTime(answer())
  noteTime(answer('yesterday'))
  fromHub()
  expect(readClock()).toBe(hub)
  expect(listener).toHaveBeenCalledTimes(1)
  // Somebody sets it meanwhile.
  vi.setSystemTime(hub)
  fromHub()
  expect(readClock()).toBe(hub)
  expect(listener).toHaveBeenCalledTimes(2)
  stop()
})
