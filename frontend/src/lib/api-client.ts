import {
  Deployment,
  DeploymentList,
  Instance,
  InstanceList,
  Me,
  NamespaceList,
  ProviderList,
  type CreateDeploymentInput,
} from '@hub/shared'
import type * as z from 'zod'
import { ApiProblem, readProblem } from './api-problem.ts'

export interface DeploymentCoordinates {
  instance: string
  namespace: string
  name: string
}

export const streamPath = '/api/stream'

export function signInPath(provider: string, returnTo: string): string {
  return `/api/auth/login/${encodeURIComponent(provider)}?return_to=${encodeURIComponent(returnTo)}`
}

export async function fetchProviders(signal: AbortSignal): Promise<ProviderList> {
  return await readAs(ProviderList, await send('/api/auth/providers', { signal }))
}

export async function fetchMe(signal: AbortSignal): Promise<Me> {
  return await readAs(Me, await send('/api/auth/me', { signal }))
}

export async function signOut(): Promise<void> {
  await send('/api/auth/logout', { method: 'POST' })
}

export async function fetchInstances(signal: AbortSignal): Promise<InstanceList> {
  return await readAs(InstanceList, await send('/api/instances', { signal }))
}

export async function fetchInstance(instance: string, signal: AbortSignal): Promise<Instance> {
  return await readAs(Instance, await send(path('instances', instance), { signal }))
}

export async function fetchNamespaces(
  instance: string,
  signal: AbortSignal,
): Promise<NamespaceList> {
  return await readAs(
    NamespaceList,
    await send(path('instances', instance, 'namespaces'), { signal }),
  )
}

export async function fetchDeployments(
  instance: string | undefined,
  signal: AbortSignal,
): Promise<DeploymentList> {
  const query = instance === undefined ? '' : `?instance=${encodeURIComponent(instance)}`
  return await readAs(DeploymentList, await send(`/api/deployments${query}`, { signal }))
}

export async function fetchDeployment(
  at: DeploymentCoordinates,
  signal: AbortSignal,
): Promise<Deployment> {
  return await readAs(Deployment, await send(deploymentPath(at), { signal }))
}

/** Asks the cluster to create the deployment, or with `dryRun` only whether it would. */
export async function createDeployment(
  at: { instance: string; namespace: string },
  input: CreateDeploymentInput,
  options: { dryRun: boolean },
): Promise<Deployment> {
  const collection = path('instances', at.instance, 'namespaces', at.namespace, 'deployments')
  const response = await send(`${collection}${options.dryRun ? '?dryRun=All' : ''}`, {
    method: 'POST',
    body: JSON.stringify(input),
  })
  return await readAs(Deployment, response)
}

/** Begins the deletion; the stream tells when the deployment is gone. */
export async function deleteDeployment(at: DeploymentCoordinates): Promise<Deployment> {
  return await readAs(Deployment, await send(deploymentPath(at), { method: 'DELETE' }))
}

function deploymentPath(at: DeploymentCoordinates): string {
  return path('instances', at.instance, 'namespaces', at.namespace, 'deployments', at.name)
}

function path(...segments: string[]): string {
  return `/api/${segments.map(encodeURIComponent).join('/')}`
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, {
    credentials: 'same-origin',
    ...init,
    // The hub takes changes as JSON alone, with or without a body.
    headers: init.method === undefined ? {} : { 'content-type': 'application/json' },
  }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    throw new ApiProblem({
      status: 0,
      code: 'unavailable',
      detail: 'The hub cannot be reached. Check your connection and try again.',
    })
  })
  if (!response.ok) throw await readProblem(response)
  return response
}

async function readAs<Schema extends z.ZodType>(
  schema: Schema,
  response: Response,
): Promise<z.infer<Schema>> {
  const body: unknown = await response.json().catch(() => undefined)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ApiProblem({
    status: response.status,
    code: 'internal',
    detail:
      'The hub answered in a form this page does not know. Reload the page to get its current version.',
  })
}
