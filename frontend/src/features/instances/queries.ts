import type { Instance } from '@hub/shared'
import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, encode, read, together } from '../../lib/api/client.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'
import { moveInstance, moveInstances } from './move-by-stream.ts'

const { instances } = api
const instanceOf = instances[':instance']

export function instancesQuery() {
  return queryOptions({
    queryKey: ['instances'],
    queryFn: ({ signal }) => read(instances.$get({}, together(signal))),
    staleTime: Infinity,
    meta: movedByStream(moveInstances),
  })
}

export function instanceQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance],
    queryFn: ({ signal }) =>
      read(instanceOf.$get({ param: encode({ instance }) }, { init: { signal } })),
    staleTime: Infinity,
    meta: movedByStream(moveInstance),
  })
}

/** The instance as the list has it, which the stream keeps up to date: what saves its page a request. */
export function findInstance(client: QueryClient, id: string): Instance | undefined {
  const list = client.getQueryState(instancesQuery().queryKey)
  if (!list?.data || list.isInvalidated) return undefined
  return list.data.items.find((instance) => instance.id === id)
}

export function namespacesQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'namespaces'],
    queryFn: ({ signal }) => {
      const param = encode({ instance })
      return read(instanceOf.namespaces.$get({ param }, { init: { signal } }))
    },
    staleTime: 30_000,
  })
}

/** Asks the cluster itself, so it is kept for a while. */
export function preflightQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'preflight'],
    queryFn: ({ signal }) => {
      const param = encode({ instance })
      return read(instanceOf.preflight.$get({ param }, { init: { signal } }))
    },
    staleTime: 60_000,
  })
}
