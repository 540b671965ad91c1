import type { Deployment, DeploymentList } from '@hub/shared'
import {
  keepPreviousData,
  mutationOptions,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query'
import { api, encode, read, together } from '../../lib/api/client.ts'
import { isProblem } from '../../lib/api/problem.ts'
import { movedByStream } from '../../lib/stream/live-queries.ts'
import type { DeploymentFilter } from './list-filter.ts'
import {
  isListOutdated,
  moveDeployment,
  moveDeployments,
  type DeploymentView,
} from './move-by-stream.ts'

export type DeploymentCoordinates = Pick<Deployment, 'instance' | 'namespace' | 'name'>

const deploymentAt = api.instances[':instance'].namespaces[':namespace'].deployments[':name']
/** How many deployments are asked for at once. */
export const pageSize = 100

/** What every list's key begins with. */
export const deploymentListsKey = ['deployments', 'list']

/** A page of a list: which one, and when it was read. */
export interface DeploymentPage extends DeploymentList {
  page: number
  readAt: number
}

/** One page of a list, or the first `limit` of it. */
export function deploymentPageQuery(filter: DeploymentFilter, page: number, limit = pageSize) {
  return queryOptions({
    queryKey: [...deploymentListsKey, filter, page, limit],
    queryFn: async ({ signal }): Promise<DeploymentPage> => {
      const place = page === 0 ? {} : { offset: String(page * limit) }
      const query = { ...filter, ...place, limit: String(limit) }
      const list = await read(api.deployments.$get({ query }, together(signal)))
      return { ...list, page, readAt: Date.now() }
    },
    staleTime: Infinity,
    meta: movedByStream(moveDeployments<DeploymentPage>, isListOutdated(filter)),
  })
}

/** What a list can be narrowed to, counted under what narrows it now. */
export function facetsQuery({ sort: _, ...filter }: DeploymentFilter) {
  return queryOptions({
    queryKey: ['deployments', 'facets', filter],
    queryFn: ({ signal }) => read(api.deployments.facets.$get({ query: filter }, together(signal))),
    staleTime: 30_000,
  })
}

export function deploymentQuery({ instance, namespace, name }: DeploymentCoordinates) {
  const queryKey = ['deployments', { instance, namespace, name }]
  return queryOptions({
    queryKey,
    queryFn: async ({ signal, client }): Promise<DeploymentView> => {
      try {
        const param = encode({ instance, namespace, name })
        const sent = deploymentAt.$get({ param }, { init: { signal } })
        const deployment = await read(sent)
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

/** Why it is as it is: asked again whenever it is otherwise than `as`. */
export function explanationQuery(at: DeploymentCoordinates, as: string) {
  return queryOptions({
    queryKey: ['deployments', placeOf(at), 'explanation', as],
    queryFn: ({ signal }) =>
      read(deploymentAt.explain.$get({ param: encode(placeOf(at)) }, { init: { signal } })),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

const podsAgainMs = 5_000

/** Read again while somebody looks: the stream tells of deployments alone. */
export function podsQuery(at: DeploymentCoordinates) {
  return queryOptions({
    queryKey: ['deployments', placeOf(at), 'pods'],
    queryFn: ({ signal }) =>
      read(deploymentAt.pods.$get({ param: encode(placeOf(at)) }, { init: { signal } })),
    refetchInterval: podsAgainMs,
  })
}

const eventsAgainMs = 10_000

/** The cluster itself is asked, as the person. */
export function eventsQuery(at: DeploymentCoordinates) {
  return queryOptions({
    queryKey: ['deployments', placeOf(at), 'events'],
    queryFn: ({ signal }) =>
      read(deploymentAt.events.$get({ param: encode(placeOf(at)) }, { init: { signal } })),
    refetchInterval: eventsAgainMs,
  })
}

const runtimeObjectsAgainMs = 15_000

/** The cluster itself is asked, as the person. */
export function runtimeObjectsQuery(at: DeploymentCoordinates) {
  return queryOptions({
    queryKey: ['deployments', placeOf(at), 'runtime-objects'],
    queryFn: ({ signal }) =>
      read(
        deploymentAt['runtime-objects'].$get({ param: encode(placeOf(at)) }, { init: { signal } }),
      ),
    refetchInterval: runtimeObjectsAgainMs,
  })
}

const metricsAgainMs = 15_000
const metricsSoonMs = 5_000

export type MetricsRange = '15m' | '1h' | '2h'

/** Asked again while somebody looks: that is how the hub knows that somebody does. */
export function metricsQuery(at: DeploymentCoordinates, range: MetricsRange) {
  return queryOptions({
    queryKey: ['deployments', placeOf(at), 'metrics', range],
    queryFn: ({ signal }) =>
      read(
        deploymentAt.metrics.$get(
          { param: encode(placeOf(at)), query: { range } },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
    // What came between two readings is told by the second.
    refetchInterval: ({ state }) =>
      (state.data?.at.length ?? 0) < 2 ? metricsSoonMs : metricsAgainMs,
  })
}

/** How calls of its model get there, and whether the person may make any. */
export function modelRouteQuery(at: DeploymentCoordinates) {
  return queryOptions({
    queryKey: ['deployments', placeOf(at), 'route'],
    queryFn: ({ signal }) =>
      read(deploymentAt.route.$get({ param: encode(placeOf(at)) }, { init: { signal } })),
    staleTime: 30_000,
  })
}

function placeOf({ instance, namespace, name }: DeploymentCoordinates) {
  return { instance, namespace, name }
}

/** Begins the deletion of this one, and of no other that has its name; the stream tells when it is gone. */
export function deleteDeploymentMutation({
  instance,
  namespace,
  name,
  uid,
}: DeploymentCoordinates & { uid: string }) {
  return mutationOptions({
    mutationFn: async (_deployment: void, { client }) => {
      const param = encode({ instance, namespace, name })
      const deleting = await read(deploymentAt.$delete({ param, query: { uid } }))
      rememberDeployment(client, deleting)
      return deleting
    },
  })
}

const foundMost = '8'

/** The first deployments in which every word is found, as somebody types them. */
export function findDeploymentsQuery(q: string) {
  return queryOptions({
    queryKey: ['deployments', 'find', q],
    queryFn: ({ signal }) =>
      read(
        api.deployments.$get(
          { query: { q, sort: 'name', limit: foundMost } },
          { init: { signal } },
        ),
      ),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  })
}
