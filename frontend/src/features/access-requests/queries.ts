import type { AccessRequestsQuery, StreamEvent } from '@hub/shared'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { fetchRequests } from '../../lib/api/admin-client.ts'
import { fetchAccessRequests } from '../../lib/api/client.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'

const pageSize = 50

/** What every query of requests begins with. */
export const accessRequestsKey = ['access-requests']

/** The stream says that requests are others than they were, and no more. */
export function toldByStream() {
  return movedByStream<unknown>(
    (data) => data,
    (_data, events: readonly StreamEvent[]) =>
      events.some(({ type }) => type === 'access-requests'),
  )
}

export function ownRequestsQuery() {
  return queryOptions({
    queryKey: [...accessRequestsKey, 'own'],
    queryFn: ({ signal }) => fetchAccessRequests(signal),
    refetchOnWindowFocus: true,
    meta: toldByStream(),
  })
}

export function requestsQuery(status: AccessRequestsQuery['status']) {
  return infiniteQueryOptions({
    queryKey: [...accessRequestsKey, 'of-all', status],
    queryFn: ({ pageParam, signal }) =>
      fetchRequests(status, { limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchOnWindowFocus: true,
    meta: toldByStream(),
  })
}

/** How many wait. */
export function waitingQuery() {
  return queryOptions({
    queryKey: [...accessRequestsKey, 'waiting'],
    queryFn: async ({ signal }) => {
      const { waiting } = await fetchRequests('waiting', { limit: 1, cursor: undefined }, signal)
      return waiting
    },
    staleTime: 60_000,
    meta: toldByStream(),
  })
}
