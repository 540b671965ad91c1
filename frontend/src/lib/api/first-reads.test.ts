import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { holdFirstReads, mayRead, releaseFirstReads } from './first-reads.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('what a page reads first waits for the stream, and is not read twice', async () => {
  holdFirstReads()
  const sent = vi.fn<() => void>()
  const read = mayRead('/api/instances', 'GET').then(sent)
  await Promise.all([mayRead('/api/auth/me', 'GET'), mayRead('/api/deployments', 'POST')])
  expect(sent).not.toHaveBeenCalled()
  expect(releaseFirstReads()).toBe(true)
  await read
  expect(sent).toHaveBeenCalled()
  // Later ones wait for nothing, and a stream that opens again is another matter.
  await mayRead('/api/instances', 'GET')
  expect(releaseFirstReads()).toBe(false)
})

test('a stream that does not come is not waited for', async () => {
  holdFirstReads()
  const read = mayRead('/api/instances', 'GET')
  await vi.advanceTimersByTimeAsync(400)
  await read
  expect(releaseFirstReads()).toBe(false)
})
