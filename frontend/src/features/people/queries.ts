import type { EffectiveAccessQuery, UsersQuery } from '@hub/shared'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import {
  fetchEffectiveAccess,
  fetchGrants,
  fetchServicePrincipal,
  fetchServicePrincipals,
  fetchSessionsOf,
  fetchTokensOf,
  fetchUser,
  fetchUsers,
  type Holder,
} from '../../lib/api/admin-client.ts'

const pageSize = 50

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

export function programQuery(id: string) {
  return queryOptions({
    queryKey: ['programs', id],
    queryFn: ({ signal }) => fetchServicePrincipal(id, signal),
    refetchOnWindowFocus: true,
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
