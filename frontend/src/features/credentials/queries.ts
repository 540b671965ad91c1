import { queryOptions } from '@tanstack/react-query'
import { fetchCredentials } from '../../lib/api/client.ts'

const readAgainEveryMs = 5_000

/** A rejected file is no instance, so no event of the stream tells of it. */
export function credentialsQuery() {
  return queryOptions({
    queryKey: ['credentials'],
    queryFn: ({ signal }) => fetchCredentials(signal),
    refetchInterval: readAgainEveryMs,
  })
}
