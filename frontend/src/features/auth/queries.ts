import type { Me } from '@hub/shared'
import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, read, send } from '../../lib/api/client.ts'

const { logout, me, providers, setup } = api.auth

export function meQuery() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => read(me.$get({}, { init: { signal } })),
    staleTime: 60_000,
  })
}

/** Without hub mode there is one person, who never signed in. */
export function isLocal({ provider }: Me): boolean {
  return provider === 'local'
}

/** Those people can sign in with. */
export function providersQuery() {
  return queryOptions({
    queryKey: ['providers'],
    queryFn: ({ signal }) => read(providers.$get({}, { init: { signal } })),
    staleTime: 60_000,
  })
}

/** Ends this browser's session, and says where the provider's own ends. */
export function signOutMutation() {
  return mutationOptions({ mutationFn: () => read(logout.$post()) })
}

/** Makes the caller the first administrator, by the code of the hub's log. */
export function setUpMutation() {
  return mutationOptions({
    mutationFn: async (code: string, { client }) => {
      await send(setup.$post({ json: { code } }))
      await client.invalidateQueries({ queryKey: meQuery().queryKey })
    },
  })
}
