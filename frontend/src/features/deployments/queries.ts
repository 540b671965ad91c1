import type {
  Deployment,
  DeploymentList,
  CreateDeploymentInput,
  DeploymentsQuery,
} from '@hub/shared'
import {
  keepPreviousData,
  mutationOptions,
  queryOptions,
  type QueryClient,
} from '@tanstack/react-query'
import { api, encode, read } from '../../lib/api/client.ts'
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

const deploymentsIn = api.instances[':instance'].namespaces[':namespace'].deployments
const deploymentAt = deploymentsIn[':name']
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
        list = addPage(list, await readPage({ ...filter, ...place, limit }, signal))
      }
      return list
    },
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    meta: movedByStream(moveDeployments, isListOutdated(filter)),
  })
}

async function readPage(
  { limit, ...filter }: Omit<DeploymentsQuery, 'offset'> & { limit: number },
  signal: AbortSignal,
): Promise<DeploymentList> {
  const query = { ...filter, limit: String(limit) }
  return await read(api.deployments.$get({ query }, { init: { signal } }))
}

/** A deployment that moved from one page to the next between their reads stands where it was read last. */
function addPage(list: DeploymentList | undefined, page: DeploymentList): DeploymentList {
  const uids = new Set(page.items.map(({ uid }) => uid))
  const kept = (list?.items ?? []).filter(({ uid }) => !uids.has(uid))
  return { ...page, items: [...kept, ...page.items] }
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

export interface DeployAttempt {
  namespace: string
  input: CreateDeploymentInput
  /** Nothing is created; the cluster only says whether it would. */
  checkOnly: boolean
}

/** Asks the cluster whether it would create the deployment, and then has it created. */
export function createDeploymentMutation(instance: string) {
  return mutationOptions({
    mutationFn: async ({ namespace, input: json, checkOnly }: DeployAttempt) => {
      const param = encode({ instance, namespace })
      const create = (query: { dryRun?: 'All' }) =>
        read(deploymentsIn.$post({ param, query, json }))
      const accepted = await create({ dryRun: 'All' })
      return checkOnly ? accepted : await create({})
    },
  })
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
