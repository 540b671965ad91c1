import type { EffectiveAccessQuery, ServicePrincipal, UsersQuery } from '@hub/shared'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import {
  fetchEffectiveAccess,
  fetchGrants,
  fetchServicePrincipals,
  fetchSessionsOf,
  fetchTokensOf,
  fetchUser,
  fetchUsers,
  type Holder,
} from '../../lib/admin-client.ts'

const pageSize = 50
const pageSizeMax = 200

export type PeopleFilter = Pick<UsersQuery, 'q' | 'status'>

/** What every list's key begins with, and every person's. */
export const peopleKey = ['people']

export function peopleQuery(filter: PeopleFilter) {
  return infiniteQueryOptions({
    queryKey: [...peopleKey, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      fetchUsers(filter, { limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: true,
  })
}

export function personQuery(id: string) {
  return queryOptions({
    queryKey: [...peopleKey, id],
    queryFn: ({ signal }) => fetchUser(id, signal),
    refetchOnWindowFocus: true,
  })
}

export function programsQuery() {
  return infiniteQueryOptions({
    queryKey: ['programs', 'list'],
    queryFn: ({ pageParam, signal }) =>
      fetchServicePrincipals({ limit: pageSize, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchOnWindowFocus: true,
  })
}

/** A program has no address of its own in the API: it is looked for in the list. Null where there is none. */
export function programQuery(id: string) {
  return queryOptions({
    queryKey: ['programs', id],
    queryFn: async ({ signal }): Promise<ServicePrincipal | null> => {
      let cursor: string | undefined
      do {
        const page = await fetchServicePrincipals({ limit: pageSizeMax, cursor }, signal)
        const found = page.items.find((program) => program.id === id)
        if (found) return found
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      return null
    },
  })
}

export function grantsQuery(holder: Holder) {
  return queryOptions({
    queryKey: ['grants', holder],
    queryFn: ({ signal }) => fetchGrants(holder, signal),
    refetchOnWindowFocus: true,
  })
}

/** What every answer's key begins with: whatever changes a person's grants changes them. */
export const effectiveAccessKey = ['effective-access']

export function effectiveAccessQuery(query: EffectiveAccessQuery) {
  return queryOptions({
    queryKey: [...effectiveAccessKey, query],
    queryFn: ({ signal }) => fetchEffectiveAccess(query, signal),
    placeholderData: keepPreviousData,
  })
}

export function sessionsOfQuery(user: string) {
  return queryOptions({
    queryKey: ['sessions-of', user],
    queryFn: ({ signal }) => fetchSessionsOf(user, signal),
    refetchOnWindowFocus: true,
  })
}

export function tokensOfQuery(user: string) {
  return queryOptions({
    queryKey: ['tokens-of', user],
    queryFn: ({ signal }) => fetchTokensOf(user, signal),
    refetchOnWindowFocus: true,
  })
}
