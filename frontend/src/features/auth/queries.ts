import { queryOptions } from '@tanstack/react-query'
import { fetchMe, fetchProviders } from '../../lib/api-client.ts'

export function meQuery() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => fetchMe(signal),
    staleTime: 60_000,
  })
}

export function providersQuery() {
  return queryOptions({
    queryKey: ['providers'],
    queryFn: ({ signal }) => fetchProviders(signal),
    staleTime: 60_000,
  })
}
