import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, read } from '../../lib/api/client.ts'
import { byCursor, pageQuery } from '../../lib/api/paging.ts'

const pageSize = 20

export function agentCallsQuery() {
  return infiniteQueryOptions({
    queryKey: ['agent-calls'],
    queryFn: ({ pageParam, signal }) =>
      read(
        api.auth['agent-calls'].$get(
          { query: pageQuery(pageSize, pageParam) },
          { init: { signal } },
        ),
      ),
    ...byCursor,
    refetchOnWindowFocus: true,
  })
}
