import type { Deployment, DeploymentList } from '@hub/shared'
import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query'
import {
  fetchDeployment,
  fetchDeployments,
  type DeploymentCoordinates,
} from '../../lib/api/client.ts'
import { isProblem } from '../../lib/api/problem.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'
import type { DeploymentFilter } from './list-filter.ts'
import {
  isListOutdated,
  moveDeployment,
  moveDeployments,
  type DeploymentView,
} from './move-by-stream.ts'

const pageSize = 100
/** The most that the hub answers at once. */
const limitMax = 500

/** What every list's key begins with. */
export const deploymentListsKey = ['deployments', 'list']

/** The first pages of a list, as one. */
export function deploymentsQuery(filter: DeploymentFilter, pages: number) {
  const keyOfPages = (count: number) => [...deploymentListsKey, filter, count]
  return queryOptions({
    queryKey: keyOfPages(pages),
    queryFn: async ({ signal, client }): Promise<DeploymentList> => {
      // "Show more" goes on where the stream has kept the pages before up to date.
      const before = client.getQueryState<DeploymentList>(keyOfPages(pages - 1))
      let list = before?.isInvalidated === false ? before.data : undefined
      while (!list || (list.next !== null && list.items.length < pages * pageSize)) {
        const limit = Math.min(limitMax, pages * pageSize - (list?.items.length ?? 0))
        const place = list?.next ? { cursor: list.next } : {}
        list = addPage(list, await fetchDeployments({ ...filter, ...place, limit }, signal))
      }
      return list
    },
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    meta: movedByStream(moveDeployments, isListOutdated(filter)),
  })
}

/** A deployment that moved from one page to the next between their reads stands where it was read last. */
function addPage(list: DeploymentList | undefined, page: DeploymentList): DeploymentList {
  const read = new Set(page.items.map(({ uid }) => uid))
  const kept = (list?.items ?? []).filter(({ uid }) => !read.has(uid))
  return { ...page, items: [...kept, ...page.items] }
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
  for (const [queryKey, list] of client.getQueriesData<DeploymentList>({
    queryKey: deploymentListsKey,
  })) {
    if (!list || client.getQueryState(queryKey)?.isInvalidated) continue
    const deployment = list.items.find(
      ({ instance, namespace, name }) =>
        instance === at.instance && namespace === at.namespace && name === at.name,
    )
    if (deployment) return { deployment, gone: false }
  }
  return undefined
}

/** Puts the answer to a change where the stream would, and has the lists read again that it may belong to. */
export function rememberDeployment(client: QueryClient, deployment: Deployment): void {
  const lists = { queryKey: deploymentListsKey }
  client.setQueriesData<DeploymentList>(
    lists,
    (list) => list && moveDeployments(list, [{ type: 'deployment', deployment }]),
  )
  void client.invalidateQueries(lists)
  client.setQueryData(deploymentQuery(deployment).queryKey, { deployment, gone: false })
}
