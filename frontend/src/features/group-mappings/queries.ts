import type { GroupMappingInput, ProviderId } from '@hub/shared'
import {
  infiniteQueryOptions,
  keepPreviousData,
  mutationOptions,
  queryOptions,
} from '@tanstack/react-query'
import { api, encode, read, send } from '../../lib/api/client.ts'
import { outdate } from '../../lib/api/outdate.ts'
import { byCursor, pageQuery } from '../../lib/api/paging.ts'

const mappings = api.admin['group-mappings']
const pageSize = 100

export function groupMappingsQuery() {
  return infiniteQueryOptions({
    queryKey: ['group-mappings'],
    queryFn: ({ pageParam, signal }) => {
      const query = pageQuery(pageSize, pageParam)
      return read(mappings.$get({ query }, { init: { signal } }))
    },
    ...byCursor,
    refetchOnWindowFocus: true,
  })
}

/** Makes a mapping, or changes the one with this id. */
export function saveMappingMutation(id: string | undefined) {
  return mutationOptions({
    mutationFn: async (json: GroupMappingInput, { client }) => {
      const sent =
        id === undefined
          ? mappings.$post({ json })
          : mappings[':id'].$put({ param: encode({ id }), json })
      const saved = await read(sent)
      outdate(client, groupMappingsQuery().queryKey)
      return saved
    },
  })
}

export function deleteMappingMutation(id: string) {
  return mutationOptions({
    mutationFn: async (_mapping: void, { client }) => {
      await send(mappings[':id'].$delete({ param: encode({ id }) }))
      outdate(client, groupMappingsQuery().queryKey)
    },
  })
}

/** The groups of a provider that people are known to be in. */
export function knownGroupsQuery(provider: ProviderId, q: string) {
  return queryOptions({
    queryKey: ['known-groups', provider, q],
    queryFn: ({ signal }) => {
      const query = { provider, ...(q !== '' && { q }) }
      return read(api.admin.groups.$get({ query }, { init: { signal } }))
    },
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}
