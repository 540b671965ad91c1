import type { ProviderId } from '@hub/shared'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { fetchGroupMappings, fetchKnownGroups } from '../../lib/api/admin-client.ts'
import { fetchProviders } from '../../lib/api/client.ts'

const pageSize = 100

export function groupMappingsQuery() {
  return infiniteQueryOptions({
    queryKey: ['group-mappings'],
    queryFn: ({ pageParam, signal }) =>
      fetchGroupMappings({ limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchOnWindowFocus: true,
  })
}

/** The groups of a provider that people are known to be in. */
export function knownGroupsQuery(provider: ProviderId, q: string) {
  return queryOptions({
    queryKey: ['known-groups', provider, q],
    queryFn: ({ signal }) => fetchKnownGroups({ provider, q }, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}

/** Those people can sign in with. */
export function providersQuery() {
  return queryOptions({
    queryKey: ['providers'],
    queryFn: ({ signal }) => fetchProviders(signal),
    staleTime: 60_000,
  })
}
