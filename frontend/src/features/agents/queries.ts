import { infiniteQueryOptions, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, encode, read } from '../../lib/api/client.ts'
import { outdate } from '../../lib/api/outdate.ts'
import { byCursor, pageQuery } from '../../lib/api/paging.ts'

const pageSize = 20
/** Agents ask while their people look elsewhere, and wait. */
const lookEveryMs = 5_000
const { confirmations } = api.auth

export function confirmationsQuery() {
  return queryOptions({
    queryKey: ['confirmations'],
    queryFn: ({ signal }) => read(confirmations.$get({}, { init: { signal } })),
    refetchInterval: lookEveryMs,
    refetchOnWindowFocus: true,
  })
}

export function decideConfirmationMutation(id: string, decision: 'approve' | 'refuse') {
  return mutationOptions({
    mutationFn: async (_decision: void, { client }) => {
      const sent = confirmations[':id'][decision].$post({ param: encode({ id }) })
      await read(sent).finally(() => outdate(client, confirmationsQuery().queryKey))
    },
  })
}

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
