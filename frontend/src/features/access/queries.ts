import { queryOptions } from '@tanstack/react-query'
import { fetchApiTokens, fetchSessions } from '../../lib/api/client.ts'

export function sessionsQuery() {
  return queryOptions({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => fetchSessions(signal),
    refetchOnWindowFocus: true,
  })
}

export function apiTokensQuery() {
  return queryOptions({
    queryKey: ['api-tokens'],
    queryFn: ({ signal }) => fetchApiTokens(signal),
    refetchOnWindowFocus: true,
  })
}
