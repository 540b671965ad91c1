import type { CreateDeploymentInput, CreatedDeployment } from '@hub/shared'
import { mutationOptions } from '@tanstack/react-query'
import { ask } from '../../../lib/api/ask.ts'
import { read } from '../../../lib/api/client.ts'
import type { DeployPlace } from './deploy-draft.ts'

function postTo({ instance, namespace }: DeployPlace) {
  return ['instances', instance, 'namespaces', namespace, 'deployments']
}

/** Whether the cluster would create it: nothing is created. */
export function tryCreate(at: DeployPlace, json: CreateDeploymentInput, signal: AbortSignal) {
  const asked = { method: 'POST' as const, query: { dryRun: 'All' }, json, signal }
  return read<CreatedDeployment>(ask<CreatedDeployment>(postTo(at), asked))
}

export interface Creation {
  at: DeployPlace
  input: CreateDeploymentInput
  /** Kept while the same is tried again: it is created once. */
  key: string
}

export function createMutation() {
  return mutationOptions({
    mutationFn: ({ at, input: json, key }: Creation) => {
      const asked = { method: 'POST' as const, headers: { 'idempotency-key': key }, json }
      return read<CreatedDeployment>(ask<CreatedDeployment>(postTo(at), asked))
    },
  })
}
