import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, read, together } from '../../lib/api/client.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'

const { activity, history, map } = api.fleet

/** Refresh when an instance says that what it has is other than before. */
export function fleetMapQuery() {
  return queryOptions({
    queryKey: ['fleet', 'map'],
    queryFn: ({ signal }) => read(map.$get({}, together(signal))),
    staleTime: Infinity,
    meta: movedByStream(
      (data) => data,
      (_data, events) =>
        events.some(({ type }) => type === 'instance' || type === 'instance-removed'),
    ),
  })
}

const everyMinuteMs = 60_000
/** It is not read again by what is drawn right after it was asked for. */
const momentMs = 5_000
const activityShown = '10'

/** The latest changes, newest first; not all of them come by the stream. */
export function activityQuery() {
  return infiniteQueryOptions({
    queryKey: ['fleet', 'activity'],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: activityShown, ...(pageParam !== null && { cursor: pageParam }) }
      return read(activity.$get({ query }, together(signal)))
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: momentMs,
    refetchInterval: everyMinuteMs,
  })
}

export function historyQuery() {
  return queryOptions({
    queryKey: ['fleet', 'history'],
    queryFn: ({ signal }) => read(history.$get({}, together(signal))),
    staleTime: momentMs,
    refetchInterval: everyMinuteMs,
  })
}
