import type { CreateDeploymentInput, CreatedDeployment } from '@hub/shared'
import { mutationOptions } from '@tanstack/react-query'
import { api, encode, read } from '../../../lib/api/client.ts'
import type { DeployPlace } from './deploy-draft.ts'

const { deployments } = api.instances[':instance'].namespaces[':namespace']

function paramOf({ instance, namespace }: DeployPlace) {
  return encode({ instance, namespace })
}

/** Whether the cluster would create it: nothing is created. */
export function tryCreate(
  at: DeployPlace,
  json: CreateDeploymentInput,
  signal: AbortSignal,
): Promise<CreatedDeployment> {
  const asked = { param: paramOf(at), query: { dryRun: 'All' as const }, json }
  return read(deployments.$post(asked, { init: { signal } }))
}

export interface Creation {
  at: DeployPlace
  input: CreateDeploymentInput
  /** Kept while the same is tried again: it is created once. */
  key: string
}

export function createMutation() {
  return mutationOptions({
    mutationFn: ({ at, input: json, key }: Creation): Promise<CreatedDeployment> => {
      const asked = { param: paramOf(at), query: {}, json }
      return read(deployments.$post(asked, { headers: { 'idempotency-key': key } }))
    },
  })
}
