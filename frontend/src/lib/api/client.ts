import type { AppType } from '@hub/backend/app'
import {
  AccessRequest,
  AccessRequestList,
  Credential,
  CredentialList,
  Deployment,
  DeploymentList,
  Instance,
  InstanceList,
  Me,
  NamespaceList,
  Preflight,
  ProviderList,
  ApiTokenList,
  CreatedApiToken,
  SessionList,
  SignedOut,
  type AccessRequestInput,
  type CreateApiToken,
  type CreateDeploymentInput,
  type DeploymentsQuery,
  type PutCredentialInput,
} from '@hub/shared'
import { hc } from 'hono/client'
import type * as z from 'zod'
import { ApiProblem, readProblem, type HttpAnswer } from './problem.ts'

export interface DeploymentCoordinates {
  instance: string
  namespace: string
  name: string
}

// The server's type checks paths, parameters and bodies; what comes back is read by the contract's schemas, since the
// server may be newer than this page. Every function throws `ApiProblem`.
/** The hub's routes; only the functions of this folder call them. */
export const { api } = hc<AppType>('/')
const credentialsApi = api.admin.credentials
const credentialApi = credentialsApi[':instance']
const instanceApi = api.instances[':instance']
const deploymentsApi = instanceApi.namespaces[':namespace'].deployments
const deploymentApi = deploymentsApi[':name']

export const streamPath = api.stream.$path()

/** Where a sign-in begins; with `again`, the provider asks even a person it remembers. */
export function signInPath(provider: string, returnTo: string, again = false): string {
  const path = api.auth.login[':provider'].$path({ param: encode({ provider }) })
  const query = { return_to: returnTo, ...(again && { prompt: 'login' }) }
  return `${path}?${new URLSearchParams(query).toString()}`
}

export async function fetchProviders(signal: AbortSignal): Promise<ProviderList> {
  return await read(ProviderList, api.auth.providers.$get({}, { init: { signal } }))
}

export async function fetchMe(signal: AbortSignal): Promise<Me> {
  return await read(Me, api.auth.me.$get({}, { init: { signal } }))
}

/** Ends this browser's session, and says where the provider's own ends. */
export async function signOut(): Promise<SignedOut> {
  return await read(SignedOut, api.auth.logout.$post())
}

/** Makes the caller the first administrator, by the code of the hub's log. */
export async function setUp(code: string): Promise<void> {
  await send(api.auth.setup.$post({ json: { code } }))
}

export async function fetchSessions(signal: AbortSignal): Promise<SessionList> {
  return await read(SessionList, api.auth.sessions.$get({}, { init: { signal } }))
}

export async function endSession(session: string): Promise<void> {
  await send(api.auth.sessions[':session'].$delete({ param: encode({ session }) }))
}

/** All but this browser's. */
export async function endOtherSessions(): Promise<void> {
  await send(api.auth.sessions.$delete())
}

export async function fetchApiTokens(signal: AbortSignal): Promise<ApiTokenList> {
  return await read(ApiTokenList, api.auth.tokens.$get({}, { init: { signal } }))
}

export async function createApiToken(json: CreateApiToken): Promise<CreatedApiToken> {
  return await read(CreatedApiToken, api.auth.tokens.$post({ json }))
}

export async function revokeApiToken(id: string): Promise<void> {
  await send(api.auth.tokens[':id'].$delete({ param: encode({ id }) }))
}

/** One's own, the latest first. */
export async function fetchAccessRequests(signal: AbortSignal): Promise<AccessRequestList> {
  return await read(AccessRequestList, api['access-requests'].$get({}, { init: { signal } }))
}

export async function askForAccess(json: AccessRequestInput): Promise<AccessRequest> {
  return await read(AccessRequest, api['access-requests'].$post({ json }))
}

export async function withdrawAccessRequest(id: string): Promise<void> {
  await send(api['access-requests'][':id'].$delete({ param: encode({ id }) }))
}

export async function fetchInstances(signal: AbortSignal): Promise<InstanceList> {
  return await read(InstanceList, api.instances.$get({}, { init: { signal } }))
}

export async function fetchInstance(instance: string, signal: AbortSignal): Promise<Instance> {
  return await read(
    Instance,
    instanceApi.$get({ param: encode({ instance }) }, { init: { signal } }),
  )
}

export async function fetchNamespaces(
  instance: string,
  signal: AbortSignal,
): Promise<NamespaceList> {
  const sent = instanceApi.namespaces.$get({ param: encode({ instance }) }, { init: { signal } })
  return await read(NamespaceList, sent)
}

export async function fetchPreflight(instance: string, signal: AbortSignal): Promise<Preflight> {
  const sent = instanceApi.preflight.$get({ param: encode({ instance }) }, { init: { signal } })
  return await read(Preflight, sent)
}

export async function fetchDeployments(
  { limit, ...filter }: DeploymentsQuery,
  signal: AbortSignal,
): Promise<DeploymentList> {
  const query = { ...filter, ...(limit !== undefined && { limit: String(limit) }) }
  return await read(DeploymentList, api.deployments.$get({ query }, { init: { signal } }))
}

export async function fetchDeployment(
  { instance, namespace, name }: DeploymentCoordinates,
  signal: AbortSignal,
): Promise<Deployment> {
  const param = encode({ instance, namespace, name })
  return await read(Deployment, deploymentApi.$get({ param }, { init: { signal } }))
}

/** Asks the cluster to create the deployment, or with `dryRun` only whether it would. */
export async function createDeployment(
  at: { instance: string; namespace: string },
  json: CreateDeploymentInput,
  options: { dryRun: boolean },
): Promise<Deployment> {
  const query = options.dryRun ? { dryRun: 'All' as const } : {}
  return await read(Deployment, deploymentsApi.$post({ param: encode(at), query, json }))
}

/** Begins the deletion of this one, and of no other that has its name; the stream tells when it is gone. */
export async function deleteDeployment({
  instance,
  namespace,
  name,
  uid,
}: DeploymentCoordinates & { uid: string }): Promise<Deployment> {
  return await read(
    Deployment,
    deploymentApi.$delete({ param: encode({ instance, namespace, name }), query: { uid } }),
  )
}

export async function fetchCredentials(signal: AbortSignal): Promise<CredentialList> {
  return await read(CredentialList, credentialsApi.$get({}, { init: { signal } }))
}

/** Adds or replaces the credential of an instance, and says what became of it. */
export async function putCredential(
  instance: string,
  json: PutCredentialInput,
): Promise<Credential> {
  return await read(Credential, credentialApi.$put({ param: encode({ instance }), json }))
}

export async function deleteCredential(instance: string): Promise<void> {
  await send(credentialApi.$delete({ param: encode({ instance }) }))
}

/** Says that the cluster which now stands behind an instance's name is meant. */
export async function confirmCluster(instance: string): Promise<void> {
  await send(credentialApi.confirm.$post({ param: encode({ instance }) }))
}

/** hono puts parameters into a path as they are, and these come from the address bar. */
export function encode<Name extends string>(param: Record<Name, string>): Record<Name, string> {
  return Object.fromEntries(
    Object.entries<string>(param).map(([name, value]) => [name, encodeURIComponent(value)]),
  ) as Record<Name, string>
}

interface Answer<Body> extends HttpAnswer {
  json: () => Promise<Body>
}

/** The body as its schema reads it, which has to be what the server's type promises. */
export async function read<Body>(
  schema: z.ZodType<Body>,
  sent: Promise<Answer<Body>>,
): Promise<Body> {
  const answer = await send(sent)
  const parsed = schema.safeParse(await answer.json().catch(() => undefined))
  if (parsed.success) return parsed.data
  throw new ApiProblem({
    status: answer.status,
    code: 'internal',
    detail:
      'The hub answered in a form this page does not know. Reload the page to get its current version.',
  })
}

export async function send<Sent extends HttpAnswer>(sent: Promise<Sent>): Promise<Sent> {
  const answer = await sent.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiProblem({
      status: 0,
      code: 'unavailable',
      detail: 'The hub cannot be reached. Check your connection and try again.',
    })
  })
  if (!answer.ok) throw await readProblem(answer)
  return answer
}
