import type { StreamEvent } from '@hub/shared'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { describe, expect, test, vi } from 'vitest'
import { keepQueriesLive, movedByStream } from './live-queries.ts'

const removed = (id: string): StreamEvent => ({ type: 'instance-removed', id })

/** A list of ids from which `instance-removed` takes. */
function idsQuery(read: () => Promise<string[]>) {
  return {
    queryKey: ['ids'],
    queryFn: read,
    staleTime: Infinity,
    meta: movedByStream((ids: string[], events) =>
      ids.filter(
        (id) => !events.some((event) => event.type === 'instance-removed' && event.id === id),
      ),
    ),
  }
}

describe('keepQueriesLive', () => {
  test('moves the queries that say how, and leaves the others alone', async () => {
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    await client.fetchQuery(idsQuery(async () => ['a', 'b']))
    client.setQueryData(['other'], ['a', 'b'])
    live.apply([removed('a')])
    expect(client.getQueryData(['ids'])).toEqual(['b'])
    expect(client.getQueryData(['other'])).toEqual(['a', 'b'])
  })

  test('applies an event again to an answer that was older than it', async () => {
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    const answer = Promise.withResolvers<string[]>()
    const fetched = client.fetchQuery(idsQuery(() => answer.promise))
    live.apply([removed('a')])
    answer.resolve(['a', 'b'])
    await fetched
    await expect.poll(() => client.getQueryData(['ids'])).toEqual(['b'])
  })

  test('forgets an event once an answer that followed it has been read', async () => {
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    let ids = ['a', 'b']
    const query = idsQuery(async () => ids)
    await client.fetchQuery(query)
    live.apply([removed('a')])
    ids = ['a', 'b', 'c']
    await client.fetchQuery({ ...query, staleTime: 0 })
    expect(client.getQueryData(['ids'])).toEqual(['a', 'b', 'c'])
  })

  test('marks what it keeps live as stale when told to read again, and that alone', async () => {
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    await client.fetchQuery(idsQuery(async () => ['a']))
    client.setQueryData(['other'], 1)
    live.refetch()
    expect(client.getQueryState(['ids'])?.isInvalidated).toBe(true)
    expect(client.getQueryState(['other'])?.isInvalidated).toBe(false)
  })

  test('does not trust a first answer that was asked for before it was told to read again', async () => {
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    const answer = Promise.withResolvers<string[]>()
    const fetched = client.fetchQuery(idsQuery(() => answer.promise))
    live.refetch()
    answer.resolve(['a'])
    await fetched
    await expect.poll(() => client.getQueryState(['ids'])?.isInvalidated).toBe(true)
  })

  test('reads again what events outdate, at most once a second and never on top of a read', async () => {
    vi.useFakeTimers()
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    const read = vi.fn<() => Promise<string[]>>(async () => ['a', 'b'])
    const query = {
      ...idsQuery(read),
      meta: movedByStream(
        (ids: string[]) => ids,
        () => true,
      ),
    }
    const stopObserving = new QueryObserver(client, query).subscribe(() => {})
    await vi.advanceTimersByTimeAsync(0)
    expect(read).toHaveBeenCalledTimes(1)
    for (let i = 0; i < 30; i += 1) {
      live.apply([removed('c')])
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(read.mock.calls.length).toBeGreaterThanOrEqual(4)
    expect(read.mock.calls.length).toBeLessThanOrEqual(5)
    stopObserving()
    live.stop()
    vi.useRealTimers()
  })

  test('does nothing more once stopped', async () => {
    const client = new QueryClient()
    const live = keepQueriesLive(client)
    live.stop()
    expect(client.getQueryCache().hasListeners()).toBe(false)
  })
})
