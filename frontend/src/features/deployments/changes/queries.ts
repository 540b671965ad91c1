import type {
  DeletedDeployment,
  DeploymentChange,
  DeploymentHistory,
  DeploymentManifest,
  DeploymentPatch,
  DeploymentSpec,
  RecreatedDeployment,
} from '@hub/shared'
import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query'
import { ask, type Asked } from '../../../lib/api/ask.ts'
import { read } from '../../../lib/api/client.ts'
import { rememberDeployment, type DeploymentCoordinates } from '../queries.ts'

type Known = DeploymentCoordinates & { uid: string }

function askOf<Body>(at: DeploymentCoordinates, verb: string | null, asked: Asked = {}) {
  const { instance, name, namespace } = at
  const own = ['instances', instance, 'namespaces', namespace, 'deployments', name]
  return read<Body>(ask<Body>(verb === null ? own : [...own, verb], asked))
}

function keyOf({ instance, name, namespace }: DeploymentCoordinates, part: string) {
  return ['deployments', { instance, namespace, name }, part] as const
}

/** The object as somebody would apply it. `as` is the version of the deployment: another one is read anew. */
export function manifestQuery(at: DeploymentCoordinates, as: string) {
  return queryOptions({
    queryKey: [...keyOf(at, 'manifest'), as],
    queryFn: ({ signal }) => askOf<DeploymentManifest>(at, 'manifest', { signal }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

/** The manifest as it is now, whatever was read before. */
export function readManifest(at: DeploymentCoordinates): Promise<DeploymentManifest> {
  return askOf<DeploymentManifest>(at, 'manifest')
}

/** What a deployment once was. */
export function historyQuery(at: DeploymentCoordinates, as: string) {
  return queryOptions({
    queryKey: [...keyOf(at, 'history'), as],
    queryFn: ({ signal }) => askOf<DeploymentHistory>(at, 'history', { signal }),
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
  return askOf<DeploymentChange>(at, null, {
    method: 'PATCH',
    query: { dryRun: 'All' },
    headers: { 'if-match': version },
    json: patch,
    ...(signal && { signal }),
  })
}

/** Changes a deployment by a merge patch. */
export function changeDeploymentMutation(at: Known) {
  return mutationOptions({
    mutationFn: async ({ patch, version }: ChangeAttempt, { client }) => {
      const change = await askOf<DeploymentChange>(at, null, {
        method: 'PATCH',
        query: { uid: at.uid },
        headers: { 'if-match': version },
        json: patch,
      })
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
      const { deployment } = await askOf<DeploymentChange>(at, change, {
        method: 'POST',
        query: { uid: at.uid },
      })
      rememberDeployment(client, deployment)
      return deployment
    },
  })
}

/** Deletes a deployment and makes it anew: what cannot be changed in place. */
export function recreateMutation(at: Known) {
  return mutationOptions({
    mutationFn: async (spec: DeploymentSpec, { client }) => {
      const answer = await askOf<RecreatedDeployment>(at, 'recreate', {
        method: 'POST',
        json: { uid: at.uid, spec },
      })
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
  return askOf<DeploymentChange>(at, 'restore', {
    method: 'POST',
    query: { dryRun: 'All' },
    headers: { 'if-match': version },
    json: { generation },
    ...(signal && { signal }),
  })
}

/** Back to what it was at a generation. */
export function restoreMutation(at: DeploymentCoordinates) {
  return mutationOptions({
    mutationFn: async ({ generation, version }: Restoring, { client }) => {
      const change = await askOf<DeploymentChange>(at, 'restore', {
        method: 'POST',
        headers: { 'if-match': version },
        json: { generation },
      })
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
      askOf<DeletedDeployment>(at, null, {
        method: 'DELETE',
        query: { uid: at.uid, dryRun: 'All' },
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
}
