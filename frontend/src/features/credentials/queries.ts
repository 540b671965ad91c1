import type { PutCredentialInput } from '@hub/shared'
import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, encode, read, send, together } from '../../lib/api/client.ts'
import { outdate } from '../../lib/api/outdate.ts'

const { credentials } = api.admin
const credentialOf = credentials[':instance']
const readAgainEveryMs = 5_000

/** A rejected file is no instance, so no event of the stream tells of it. */
export function credentialsQuery() {
  return queryOptions({
    queryKey: ['credentials'],
    queryFn: ({ signal }) => read(credentials.$get({}, together(signal))),
    refetchInterval: readAgainEveryMs,
  })
}

/** Adds or replaces the credential of an instance, and says what became of it. */
export function putCredentialMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (json: PutCredentialInput, { client }) => {
      const sent = credentialOf.$put({ param: encode({ instance }), json })
      const credential = await read(sent)
      outdate(client, credentialsQuery().queryKey)
      return credential
    },
    // Nothing remembers what was sent.
    gcTime: 0,
  })
}

export function deleteCredentialMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (_credential: void, { client }) => {
      await send(credentialOf.$delete({ param: encode({ instance }) }))
      outdate(client, credentialsQuery().queryKey)
    },
  })
}

/** Says that the cluster which now stands behind an instance's name is meant. */
export function confirmClusterMutation(instance: string) {
  return mutationOptions({
    mutationFn: async (_cluster: void, { client }) => {
      await send(credentialOf.confirm.$post({ param: encode({ instance }) }))
      outdate(client, credentialsQuery().queryKey)
    },
  })
}
