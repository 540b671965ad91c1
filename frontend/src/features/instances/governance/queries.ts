import type { InstancePolicy, InstancePolicyInput, MaintenanceInput } from '@hub/shared'
import { mutationOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { ask, type Asked } from '../../../lib/api/ask.ts'
import { read, send } from '../../../lib/api/client.ts'
import { outdate } from '../../../lib/api/outdate.ts'
import { instanceQuery, instancesQuery } from '../queries.ts'

/** What may reach the pods of an instance. */
export function policyQuery(instance: string) {
  return queryOptions({
    queryKey: ['instances', instance, 'policy'],
    queryFn: ({ signal }) =>
      read<InstancePolicy>(ask<InstancePolicy>(['instances', instance, 'policy'], { signal })),
    staleTime: 10_000,
  })
}

/** Sets the policy of an instance. */
export function savePolicyMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (json: InstancePolicyInput, { client }) =>
      keepPolicy(client, instance, { method: 'PUT', json }),
  })
}

/** Goes back to the default policy. */
export function resetPolicyMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (_policy: void, { client }) =>
      keepPolicy(client, instance, { method: 'DELETE' }),
  })
}

async function keepPolicy(client: QueryClient, instance: string, asked: Asked) {
  const path = ['instances', instance, 'policy']
  const policy = await read<InstancePolicy>(ask<InstancePolicy>(path, asked))
  client.setQueryData(policyQuery(instance).queryKey, policy)
  return policy
}

/** Closes an instance for new deployments. */
export function closeInstanceMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (json: MaintenanceInput, { client }) => {
      await send(ask<never>(['instances', instance, 'maintenance'], { method: 'PUT', json }))
      outdate(client, instanceQuery(instance).queryKey, instancesQuery().queryKey)
    },
  })
}

/** Opens it again before its end. */
export function openInstanceMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (_instance: void, { client }) => {
      await send(ask<never>(['instances', instance, 'maintenance'], { method: 'DELETE' }))
      outdate(client, instanceQuery(instance).queryKey, instancesQuery().queryKey)
    },
  })
}
