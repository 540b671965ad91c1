import type {
  FinishTrialInput,
  OidcBindingQuery,
  OidcProfileInput,
  OidcProviderQuery,
  StartTrialInput,
} from '@hub/shared'
import {
  keepPreviousData,
  mutationOptions,
  queryOptions,
  type QueryClient,
} from '@tanstack/react-query'
import { api, encode, read, send } from '../../../lib/api/client.ts'
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

/** What the identity provider and the API server are told, for administrators. */
export function setupQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'oidc', 'setup'],
    queryFn: ({ signal }) =>
      read(instanceOf.oidc.setup.$get({ param: encode({ instance }) }, { init: { signal } })),
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

/** What the identity provider's client has to have, for a profile as far as it was typed. */
export function providerQuery(instance: string, query: OidcProviderQuery) {
  return queryOptions({
    queryKey: ['instances', instance, 'oidc', 'provider', query],
    queryFn: ({ signal }) =>
      read(
        instanceOf.oidc.provider.$get({ param: encode({ instance }), query }, { init: { signal } }),
      ),
    staleTime: 600_000,
    placeholderData: keepPreviousData,
  })
}

/** Other instances that are the same cluster, for administrators. */
export function sameClusterQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'oidc', 'same-cluster'],
    queryFn: ({ signal }) =>
      read(
        instanceOf.oidc['same-cluster'].$get({ param: encode({ instance }) }, { init: { signal } }),
      ),
  })
}

export function startTrialMutation(instance: string) {
  return mutationOptions({
    mutationFn: (json: StartTrialInput) =>
      read(instanceOf.oidc.trials.$post({ param: encode({ instance }), json })),
  })
}

export function finishTrialMutation(instance: string) {
  return mutationOptions({
    mutationFn: (json: FinishTrialInput) => read(finish(instance, json)),
  })
}

/** Asks again and again whether somebody has confirmed a device's code, until they have. */
export function deviceTrialQuery(instance: string, input: FinishTrialInput, isAsked: boolean) {
  return queryOptions({
    queryKey: ['instances', instance, 'oidc', 'trials', input.trial],
    queryFn: () => read(finish(instance, input)),
    enabled: isAsked,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchInterval: ({ state: { data, error } }) =>
      data?.state === 'pending' && !isRefused(error) ? data.intervalSeconds * 1000 : false,
    // Whoever signs in looks at another tab.
    refetchIntervalInBackground: true,
  })
}

/** The hub says no, and would again; not that it or the provider is away. */
function isRefused(error: Error | null): boolean {
  return isProblem(error) && error.status >= 400 && error.status < 500
}

function finish(instance: string, json: FinishTrialInput) {
  return instanceOf.oidc.trials.finish.$post({ param: encode({ instance }), json })
}

/** Asks the cluster with the person's own token. */
export function whoAmIMutation(instance: string) {
  return mutationOptions({
    mutationFn: (namespace: string) =>
      read(instanceOf.whoami.$get({ param: encode({ instance }), query: { namespace } })),
  })
}

/** What the hub bound people to on the cluster, for administrators. */
export function bindingsQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'bindings'],
    queryFn: ({ signal }) =>
      read(instanceOf.bindings.$get({ param: encode({ instance }) }, { init: { signal } })),
    staleTime: 0,
    retry: false,
  })
}

export function describeBindingMutation(instance: string) {
  return mutationOptions({
    mutationFn: (query: OidcBindingQuery) =>
      read(instanceOf.bindings.commands.$get({ param: encode({ instance }), query })),
  })
}

export function createBindingMutation(instance: string) {
  return mutationOptions({
    mutationFn: (json: OidcBindingQuery) =>
      read(instanceOf.bindings.$post({ param: encode({ instance }), query: {}, json })),
    onSettled: (_data, _error, _input, _result, { client }) =>
      outdate(client, ['instances', instance, 'bindings']),
  })
}

export function deleteBindingMutation(
  client: QueryClient,
  instance: string,
  { name, namespace }: { name: string; namespace: string | null },
) {
  return {
    mutationFn: async () => {
      const param = encode({ instance, binding: name })
      const query = namespace === null ? {} : { namespace }
      await send(instanceOf.bindings[':binding'].$delete({ param, query }))
    },
    onSettled: () => outdate(client, ['instances', instance, 'bindings']),
  }
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
