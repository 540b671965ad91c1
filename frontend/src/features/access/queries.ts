import type { CreateApiToken } from '@hub/shared'
import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, encode, read, send } from '../../lib/api/client.ts'
import { outdate } from '../../lib/api/outdate.ts'

const { sessions, tokens } = api.auth

export function sessionsQuery() {
  return queryOptions({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => read(sessions.$get({}, { init: { signal } })),
    refetchOnWindowFocus: true,
  })
}

export function endSessionMutation() {
  return mutationOptions({
    mutationFn: async (session: string, { client }) => {
      const sent = sessions[':session'].$delete({ param: encode({ session }) })
      await send(sent).finally(() => outdate(client, sessionsQuery().queryKey))
    },
  })
}

/** All but this browser's. */
export function endOtherSessionsMutation() {
  return mutationOptions({
    mutationFn: async (_all: void, { client }) => {
      await send(sessions.$delete()).finally(() => outdate(client, sessionsQuery().queryKey))
    },
  })
}

export function apiTokensQuery() {
  return queryOptions({
    queryKey: ['api-tokens'],
    queryFn: ({ signal }) => read(tokens.$get({}, { init: { signal } })),
    refetchOnWindowFocus: true,
  })
}

export function createApiTokenMutation() {
  return mutationOptions({
    mutationFn: async (json: CreateApiToken, { client }) => {
      const created = await read(tokens.$post({ json }))
      outdate(client, apiTokensQuery().queryKey)
      return created
    },
    // It is the one answer with the secret.
    gcTime: 0,
  })
}

export function revokeApiTokenMutation(id: string) {
  return mutationOptions({
    mutationFn: async (_token: void, { client }) => {
      await send(tokens[':id'].$delete({ param: encode({ id }) }))
      outdate(client, apiTokensQuery().queryKey)
    },
  })
}
