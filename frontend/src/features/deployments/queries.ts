import type { Deployment } from '@hub/shared'
import { queryOptions, type QueryClient } from '@tanstack/react-query'
import {
  fetchDeployment,
  fetchDeployments,
  type DeploymentCoordinates,
} from '../../lib/api-client.ts'
import { isProblem } from '../../lib/api-problem.ts'
import { movedByStream } from '../../lib/live-queries.ts'
import { moveDeployment, moveDeployments, type DeploymentView } from './move-by-stream.ts'

/** The deployments of one instance, or of all. */
export function deploymentsQuery(instance?: string) {
  return queryOptions({
    queryKey: ['deployments', { instance: instance ?? null }],
    queryFn: ({ signal }) => fetchDeployments(instance, signal),
    staleTime: Infinity,
    meta: movedByStream(moveDeployments(instance)),
  })
}

export function deploymentQuery({ instance, namespace, name }: DeploymentCoordinates) {
  const queryKey = ['deployments', { instance, namespace, name }]
  return queryOptions({
    queryKey,
    queryFn: async ({ signal, client }): Promise<DeploymentView> => {
      try {
        const deployment = await fetchDeployment({ instance, namespace, name }, signal)
        return { deployment, gone: false }
      } catch (error) {
        // What was here a moment ago and is not found now has been deleted.
        const last = client.getQueryData<DeploymentView>(queryKey)
        if (last && isProblem(error, 404)) return { ...last, gone: true }
        throw error
      }
    },
    staleTime: Infinity,
    meta: movedByStream(moveDeployment),
  })
}

/** The deployment as a list has it that the stream keeps up to date: what saves its page a request. */
export function findDeployment(
  client: QueryClient,
  at: DeploymentCoordinates,
): DeploymentView | undefined {
  for (const instance of [at.instance, undefined]) {
    const list = client.getQueryState(deploymentsQuery(instance).queryKey)
    if (!list?.data || list.isInvalidated) continue
    const deployment = list.data.items.find(
      ({ instance: on, namespace, name }) =>
        on === at.instance && namespace === at.namespace && name === at.name,
    )
    if (deployment) return { deployment, gone: false }
  }
  return undefined
}

/** Puts the answer to a change where the stream would: into every list, and into its own query. */
export function rememberDeployment(client: QueryClient, deployment: Deployment): void {
  const events = [{ type: 'deployment', deployment } as const]
  for (const instance of [undefined, deployment.instance]) {
    client.setQueryData(deploymentsQuery(instance).queryKey, (list) =>
      list ? moveDeployments(instance)(list, events) : undefined,
    )
  }
  client.setQueryData(deploymentQuery(deployment).queryKey, { deployment, gone: false })
}
