import type { StreamEvent } from '@hub/shared'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { keepQueriesLive } from '../../lib/stream/live-queries.ts'
import { toldByStream } from './queries.ts'

test('a word of the stream about requests reads them again, and no other event does', async () => {
  vi.useFakeTimers()
  const client = new QueryClient()
  const live = keepQueriesLive(client)
  const read = vi.fn<() => Promise<number>>(async () => 1)
  const query = { queryKey: ['requests'], queryFn: read, staleTime: Infinity, meta: toldByStream() }
  const stopObserving = new QueryObserver(client, query).subscribe(() => {})
  await vi.advanceTimersByTimeAsync(0)
  const other: StreamEvent = { type: 'instance-removed', id: 'prod-east' }
  live.apply([other])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(read).toHaveBeenCalledTimes(1)
  live.apply([other, { type: 'access-requests' }])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(read).toHaveBeenCalledTimes(2)
  stopObserving()
  live.stop()
  vi.useRealTimers()
})
