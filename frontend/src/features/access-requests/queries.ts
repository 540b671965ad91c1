import type {
  AccessRequestPage,
  AccessRequestInput,
  AccessRequestsQuery,
  ApproveAccessRequest,
  RefuseAccessRequest,
  StreamEvent,
} from '@hub/shared'
import { infiniteQueryOptions, mutationOptions, queryOptions } from '@tanstack/react-query'
import { grantsKey } from '../../lib/access/grants-key.ts'
import { api, encode, read, send, together } from '../../lib/api/client.ts'
import { outdate } from '../../lib/api/outdate.ts'
import { byCursor, pageQuery } from '../../lib/api/paging.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'

const pageSize = 50
const ownRequests = api['access-requests']
const requests = api.admin['access-requests']

/** What every query of requests begins with. */
const accessRequestsKey = ['access-requests']

/** The stream says that requests are others than they were, and no more. */
export function toldByStream() {
  return movedByStream<unknown>(
    (data) => data,
    (_data, events: readonly StreamEvent[]) =>
      events.some(({ type }) => type === 'access-requests'),
  )
}

/** One's own, the latest first. */
export function ownRequestsQuery() {
  return queryOptions({
    queryKey: [...accessRequestsKey, 'own'],
    queryFn: ({ signal }) => read(ownRequests.$get({}, { init: { signal } })),
    refetchOnWindowFocus: true,
    meta: toldByStream(),
  })
}

export function askForAccessMutation() {
  return mutationOptions({
    mutationFn: async (json: AccessRequestInput, { client }) => {
      const asked = await read(ownRequests.$post({ json }))
      outdate(client, ownRequestsQuery().queryKey)
      return asked
    },
  })
}

export function withdrawRequestMutation(id: string) {
  return mutationOptions({
    mutationFn: async (_request: void, { client }) => {
      const sent = ownRequests[':id'].$delete({ param: encode({ id }) })
      await send(sent).finally(() => outdate(client, ownRequestsQuery().queryKey))
    },
  })
}

export function requestsQuery(status: AccessRequestsQuery['status']) {
  return infiniteQueryOptions({
    queryKey: [...accessRequestsKey, 'of-all', status],
    queryFn: ({ pageParam, signal }) =>
      readRequests({ status, ...pageQuery(pageSize, pageParam) }, signal),
    ...byCursor,
    refetchOnWindowFocus: true,
    meta: toldByStream(),
  })
}

/** How many wait. */
export function waitingQuery() {
  return queryOptions({
    queryKey: [...accessRequestsKey, 'waiting'],
    queryFn: async ({ signal }) => {
      const { waiting } = await readRequests({ status: 'waiting', ...pageQuery(1) }, signal)
      return waiting
    },
    staleTime: 60_000,
    meta: toldByStream(),
  })
}

async function readRequests(
  query: { status: AccessRequestsQuery['status'] } & ReturnType<typeof pageQuery>,
  signal: AbortSignal,
): Promise<AccessRequestPage> {
  return await read(requests.$get({ query }, together(signal)))
}

export function approveRequestMutation(id: string) {
  return mutationOptions({
    mutationFn: async (json: ApproveAccessRequest, { client }) => {
      const sent = requests[':id'].approve.$post({ param: encode({ id }), json })
      const approved = await read(sent)
      outdate(client, accessRequestsKey, grantsKey)
      return approved
    },
  })
}

export function refuseRequestMutation(id: string) {
  return mutationOptions({
    mutationFn: async (json: RefuseAccessRequest, { client }) => {
      const sent = requests[':id'].refuse.$post({ param: encode({ id }), json })
      const refused = await read(sent)
      outdate(client, accessRequestsKey)
      return refused
    },
  })
}
