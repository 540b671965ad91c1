import type {
  EffectiveAccessQuery,
  ServicePrincipal,
  ServicePrincipalList,
  UsersQuery,
} from '@hub/shared'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { grantsKey } from '../../lib/access/grants-key.ts'
import { api, encode, read } from '../../lib/api/client.ts'
import { byCursor, pageQuery } from '../../lib/api/paging.ts'

const { users } = api.admin
const programs = api.admin['service-principals']
const pageSize = 50

/** Who holds grants: a person or a program. */
export type Holder = { user: string } | { service: string }

export type PeopleFilter = Pick<UsersQuery, 'q' | 'status'>

export function outsideProvidersQuery() {
  return queryOptions({
    queryKey: ['outside-providers'],
    queryFn: ({ signal }) => read(api.admin['outside-providers'].$get({}, { init: { signal } })),
    refetchOnWindowFocus: true,
  })
}

/** What every list's key begins with, and every person's. */
export const peopleKey = ['people']

export function peopleQuery(filter: PeopleFilter) {
  return infiniteQueryOptions({
    queryKey: [...peopleKey, 'list', filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, ...pageQuery(pageSize, pageParam) }
      return read(users.$get({ query }, { init: { signal } }))
    },
    ...byCursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: true,
  })
}

export function personQuery(user: string) {
  return queryOptions({
    queryKey: [...peopleKey, user],
    queryFn: ({ signal }) =>
      read(users[':user'].$get({ param: encode({ user }) }, { init: { signal } })),
    refetchOnWindowFocus: true,
  })
}

export function programsQuery() {
  return infiniteQueryOptions({
    queryKey: ['programs', 'list'],
    queryFn: ({ pageParam, signal }) => {
      const query = pageQuery(pageSize, pageParam)
      return read(programs.$get({ query }, { init: { signal } }))
    },
    ...byCursor,
    refetchOnWindowFocus: true,
  })
}

/** All of them, to choose one from. */
export function programChoicesQuery() {
  return queryOptions({
    queryKey: ['programs', 'choices'],
    queryFn: async ({ signal }) => {
      const items: ServicePrincipal[] = []
      let cursor: string | undefined
      do {
        const query = pageQuery(200, cursor)
        const page: ServicePrincipalList = await read(
          programs.$get({ query }, { init: { signal } }),
        )
        items.push(...page.items)
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      return items
    },
  })
}

export function programQuery(service: string) {
  return queryOptions({
    queryKey: ['programs', service],
    queryFn: ({ signal }) => {
      const param = encode({ service })
      return read(programs[':service'].$get({ param }, { init: { signal } }))
    },
    refetchOnWindowFocus: true,
  })
}

export function grantsQuery(holder: Holder) {
  return queryOptions({
    queryKey: [...grantsKey, holder],
    queryFn: ({ signal }) => {
      const init = { init: { signal } }
      const sent =
        'user' in holder
          ? users[':user'].roles.$get({ param: encode(holder) }, init)
          : programs[':service'].roles.$get({ param: encode(holder) }, init)
      return read(sent)
    },
    refetchOnWindowFocus: true,
  })
}

/** What every answer's key begins with: whatever changes a person's grants changes them. */
export const effectiveAccessKey = ['effective-access']

export function effectiveAccessQuery(query: EffectiveAccessQuery) {
  return queryOptions({
    queryKey: [...effectiveAccessKey, query],
    queryFn: ({ signal }) => {
      const sent = api.admin['effective-access'].$get({ query }, { init: { signal } })
      return read(sent)
    },
    placeholderData: keepPreviousData,
  })
}

export function sessionsOfQuery(user: string) {
  return queryOptions({
    queryKey: ['sessions-of', user],
    queryFn: ({ signal }) => {
      const param = encode({ user })
      return read(users[':user'].sessions.$get({ param }, { init: { signal } }))
    },
    refetchOnWindowFocus: true,
  })
}

export function tokensOfQuery(id: string) {
  return queryOptions({
    queryKey: ['tokens-of', id],
    queryFn: ({ signal }) => {
      const param = encode({ id })
      return read(users[':id'].tokens.$get({ param }, { init: { signal } }))
    },
    refetchOnWindowFocus: true,
  })
}
