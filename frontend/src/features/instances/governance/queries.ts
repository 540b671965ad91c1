import type { InstancePolicy, InstancePolicyInput, MaintenanceInput } from '@hub/shared'
import { mutationOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, encode, read, send } from '../../../lib/api/client.ts'
import { outdate } from '../../../lib/api/outdate.ts'
import { instanceQuery, instancesQuery } from '../queries.ts'

const of = api.instances[':instance']

/** What may reach the pods of an instance. */
export function policyQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'policy'],
    queryFn: ({ signal }) =>
      read(of.policy.$get({ param: encode({ instance }) }, { init: { signal } })),
    staleTime: 10_000,
  })
}

/** How an instance does, with what only administrators are told. */
export function healthQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'health'],
    queryFn: ({ signal }) =>
      read(of.health.$get({ param: encode({ instance }) }, { init: { signal } })),
    staleTime: 10_000,
  })
}

/** Sets the policy of an instance. */
export function savePolicyMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (json: InstancePolicyInput, { client }) =>
      keepPolicy(client, instance, of.policy.$put({ param: encode({ instance }), json })),
  })
}

/** Goes back to the default policy. */
export function resetPolicyMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (_policy: void, { client }) =>
      keepPolicy(client, instance, of.policy.$delete({ param: encode({ instance }) })),
  })
}

async function keepPolicy(
  client: QueryClient,
  instance: string,
  sent: Parameters<typeof read<InstancePolicy>>[0],
) {
  const policy = await read(sent)
  client.setQueryData(policyQuery(instance).queryKey, policy)
  return policy
}

/** Closes an instance for new deployments. */
export function closeInstanceMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (json: MaintenanceInput, { client }) => {
      await send(of.maintenance.$put({ param: encode({ instance }), json }))
      outdate(client, instanceQuery(instance).queryKey, instancesQuery().queryKey)
    },
  })
}

/** Opens it again before its end. */
export function openInstanceMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (_instance: void, { client }) => {
      await send(of.maintenance.$delete({ param: encode({ instance }) }))
      outdate(client, instanceQuery(instance).queryKey, instancesQuery().queryKey)
    },
  })
}
