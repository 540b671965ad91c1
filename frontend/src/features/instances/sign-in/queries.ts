import type { OidcProfileInput } from '@hub/shared'
import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, encode, read } from '../../../lib/api/client.ts'
import { outdate } from '../../../lib/api/outdate.ts'
import { isProblem } from '../../../lib/api/problem.ts'

const instanceOf = api.instances[':instance']

/** The kubeconfig of whoever asks; null where nobody said how people sign in to that cluster. */
export function kubeconfigQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'kubeconfig'],
    queryFn: async ({ signal }) => {
      const param = encode({ instance })
      return orNull(read(instanceOf.kubeconfig.$get({ param }, { init: { signal } })))
    },
    staleTime: 60_000,
  })
}

/** How people sign in to the cluster, as an administrator said; null where nobody did. */
export function profileQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'oidc'],
    queryFn: async ({ signal }) => {
      const param = encode({ instance })
      return orNull(read(instanceOf.oidc.$get({ param }, { init: { signal } })))
    },
    staleTime: 0,
  })
}

export function saveProfileMutation(instance: string) {
  return mutationOptions({
    mutationFn: (profile: OidcProfileInput) =>
      read(instanceOf.oidc.$put({ param: encode({ instance }), json: profile })),
    onSettled: (_data, _error, _input, _result, { client }) =>
      outdate(client, ['instances', instance, 'kubeconfig'], ['instances', instance, 'oidc']),
  })
}

export function verifyMutation(instance: string) {
  return mutationOptions({
    mutationFn: (profile: OidcProfileInput) =>
      read(instanceOf.oidc.verify.$post({ param: encode({ instance }), json: profile })),
  })
}

/** What nobody has said is no failure. */
async function orNull<Body>(asked: Promise<Body>): Promise<Body | null> {
  try {
    return await asked
  } catch (error) {
    if (isProblem(error, 404)) return null
    throw error
  }
}
