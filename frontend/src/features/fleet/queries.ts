import { queryOptions } from '@tanstack/react-query'
import { api, read } from '../../lib/api/client.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'

const { map } = api.fleet

/** Read again when an instance says that what it has is other than before. */
export function fleetMapQuery() {
  return queryOptions({
    queryKey: ['fleet', 'map'],
    queryFn: ({ signal }) => read(map.$get({}, { init: { signal } })),
    staleTime: Infinity,
    meta: movedByStream(
      (data) => data,
      (_data, events) =>
        events.some(({ type }) => type === 'instance' || type === 'instance-removed'),
    ),
  })
}
