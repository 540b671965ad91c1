import type { Me } from '@hub/shared'
import { queryOptions } from '@tanstack/react-query'
import { fetchMe, fetchProviders } from '../../lib/api/client.ts'

export function meQuery() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => fetchMe(signal),
    staleTime: 60_000,
  })
}

/** Without hub mode there is one person, who never signed in. */
export function isLocal(me: Me): boolean {
  return me.provider === 'local'
}

export function providersQuery() {
  return queryOptions({
    queryKey: ['providers'],
    queryFn: ({ signal }) => fetchProviders(signal),
    staleTime: 60_000,
  })
}
