import type {
  DeploymentChange,
  DeploymentManifest,
  DeploymentPatch,
  DeploymentSpec,
} from '@hub/shared'
import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, encode, read } from '../../../lib/api/client.ts'
import { rememberDeployment, type DeploymentCoordinates } from '../queries.ts'

type Known = DeploymentCoordinates & { uid: string }

const deploymentAt = api.instances[':instance'].namespaces[':namespace'].deployments[':name']

function paramOf({ instance, name, namespace }: DeploymentCoordinates) {
  return encode({ instance, namespace, name })
}

/** A change is only of the version that somebody saw. */
function ifMatch(version: string | undefined): Record<string, string> {
  return version === undefined ? {} : { 'if-match': version }
}

function initOf(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal }
}

function keyOf({ instance, name, namespace }: DeploymentCoordinates, part: string) {
  return ['deployments', { instance, namespace, name }, part] as const
}

/** The object as somebody would apply it. `as` is the version of the deployment: another one is read anew. */
export function manifestQuery(at: DeploymentCoordinates, as: string) {
  return queryOptions({
    queryKey: [...keyOf(at, 'manifest'), as],
    queryFn: ({ signal }) => readManifest(at, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

/** The manifest as it is now, whatever was read before. */
export function readManifest(
  at: DeploymentCoordinates,
  signal?: AbortSignal,
): Promise<DeploymentManifest> {
  return read(deploymentAt.manifest.$get({ param: paramOf(at) }, { init: initOf(signal) }))
}

/** What a deployment once was. */
export function historyQuery(at: DeploymentCoordinates, as: string) {
  return queryOptions({
    queryKey: [...keyOf(at, 'history'), as],
    queryFn: ({ signal }) =>
      read(deploymentAt.history.$get({ param: paramOf(at), query: {} }, { init: { signal } })),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

/** Who changed it last; null where nobody did since it was made, as far as the hub knows. */
export function lastChangeQuery(at: DeploymentCoordinates, as: string) {
  return queryOptions({
    queryKey: [...keyOf(at, 'last-change'), as],
    queryFn: async ({ signal }) => {
      const query = { limit: '1' }
      const asked = deploymentAt.history.$get({ param: paramOf(at), query }, { init: { signal } })
      const [latest] = (await read(asked)).items
      return latest !== undefined && latest.generation > 1 ? latest : null
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

export interface ChangeAttempt {
  patch: DeploymentPatch
  /** The version that somebody saw: another one is not overwritten. */
  version?: string | undefined
}

/** What the cluster would make of a change: nothing is changed. */
export function tryChange(
  at: DeploymentCoordinates,
  { patch, version }: ChangeAttempt,
  signal?: AbortSignal,
): Promise<DeploymentChange> {
  const asked = { param: paramOf(at), query: { dryRun: 'All' as const }, json: patch }
  return read(deploymentAt.$patch(asked, { headers: ifMatch(version), init: initOf(signal) }))
}

/** Changes a deployment by a merge patch. */
export function changeDeploymentMutation(at: Known) {
  return mutationOptions({
    mutationFn: async ({ patch, version }: ChangeAttempt, { client }) => {
      const query = { uid: at.uid }
      const change = await read(
        deploymentAt.$patch(
          { param: paramOf(at), query, json: patch },
          { headers: ifMatch(version) },
        ),
      )
      rememberDeployment(client, change.deployment)
      return change
    },
  })
}

export type SimpleChange = 'restart' | 'pause' | 'resume'

/** What needs nothing but its name. */
export function simpleChangeMutation(at: Known, change: SimpleChange) {
  return mutationOptions({
    mutationFn: async (_deployment: void, { client }) => {
      const asked = { param: paramOf(at), query: { uid: at.uid } }
      const { deployment } = await read(deploymentAt[change].$post(asked))
      rememberDeployment(client, deployment)
      return deployment
    },
  })
}

/** Deletes a deployment and makes it anew: what cannot be changed in place. */
export function recreateMutation(at: Known) {
  return mutationOptions({
    mutationFn: async (spec: DeploymentSpec, { client }) => {
      const json = { uid: at.uid, spec }
      const answer = await read(
        deploymentAt.recreate.$post({ param: paramOf(at), query: {}, json }),
      )
      if (answer.deployment) rememberDeployment(client, answer.deployment)
      return answer
    },
  })
}

export interface Restoring {
  generation: number
  version: string | undefined
}

export function tryRestore(
  at: DeploymentCoordinates,
  { generation, version }: Restoring,
  signal?: AbortSignal,
): Promise<DeploymentChange> {
  const json = { generation }
  const asked = { param: paramOf(at), query: { dryRun: 'All' as const }, json }
  return read(
    deploymentAt.restore.$post(asked, { headers: ifMatch(version), init: initOf(signal) }),
  )
}

/** Back to what it was at a generation. */
export function restoreMutation(at: DeploymentCoordinates) {
  return mutationOptions({
    mutationFn: async ({ generation, version }: Restoring, { client }) => {
      const asked = { param: paramOf(at), query: {}, json: { generation } }
      const change = await read(deploymentAt.restore.$post(asked, { headers: ifMatch(version) }))
      rememberDeployment(client, change.deployment)
      return change
    },
  })
}

/** What a deletion would take along: nothing is deleted. */
export function deletionQuery(at: Known) {
  return queryOptions({
    queryKey: [...keyOf(at, 'deletion'), at.uid],
    queryFn: ({ signal }) =>
      read(
        deploymentAt.$delete(
          { param: paramOf(at), query: { uid: at.uid, dryRun: 'All' } },
          { init: { signal } },
        ),
      ),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
}
