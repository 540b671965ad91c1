import { queryOptions } from '@tanstack/react-query'
import { fetchInstance, fetchInstances, fetchNamespaces } from '../../lib/api-client.ts'
import { movedByStream } from '../../lib/live-queries.ts'
import { moveInstance, moveInstances } from './move-by-stream.ts'

export function instancesQuery() {
  return queryOptions({
    queryKey: ['instances'],
    queryFn: ({ signal }) => fetchInstances(signal),
    staleTime: Infinity,
    meta: movedByStream(moveInstances),
  })
}

export function instanceQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance],
    queryFn: ({ signal }) => fetchInstance(instance, signal),
    staleTime: Infinity,
    meta: movedByStream(moveInstance),
  })
}

export function namespacesQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'namespaces'],
    queryFn: ({ signal }) => fetchNamespaces(instance, signal),
    staleTime: 30_000,
  })
}
