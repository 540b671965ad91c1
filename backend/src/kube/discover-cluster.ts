import { setImmediate } from 'node:timers/promises'
import { ClusterError } from './cluster-error.ts'
import { kubePath } from './kube-path.ts'
import { clip, isRecord } from './objects.ts'
import type { Transport } from './transport/transport.ts'

/** Newest first; kinds and plurals are the same in both. */
export const apiGroups = ['airunway.ai', 'kubeairunway.ai'] as const
export type ApiGroup = (typeof apiGroups)[number]

export const apiVersion = 'v1alpha1'

export type ClusterFacts = {
  /** Such as `v1.36.3`. */
  kubernetesVersion: string
  /** The group that serves ModelDeployments; null where the CRD is not installed. */
  apiGroup: ApiGroup | null
  /** The versions in which the newer group is served, where that is none that the hub knows. */
  otherVersions: readonly string[]
  /** The kube-system namespace's uid: what a cluster is. Null where the credential may not read it. */
  uid: string | null
}

/** Each of these answers is a few kilobytes. */
const bytesMax = 256 * 1024
const objectBytesMax = 2 * 1024 * 1024
const versionsMax = 5

/** Asks a cluster who it is. Throws ClusterError. */
export async function discoverCluster(
  transport: Transport,
  options: Options = {},
): Promise<ClusterFacts> {
  const version = await transport.request({
    method: 'GET',
    path: kubePath('version'),
    isProbe: true,
    bytesMax,
    ...options,
  })
  const gitVersion = isRecord(version.body) ? version.body.gitVersion : undefined
  if (typeof gitVersion !== 'string') {
    throw new ClusterError('protocol', { message: 'does not say which Kubernetes version it is' })
  }
  // An answered request leaves its connection to the next one a turn of the event loop later.
  await setImmediate()
  const [runway, uid] = await Promise.all([
    findRunway(transport, options),
    findUid(transport, options),
  ])
  return { kubernetesVersion: clip(gitVersion, 100), ...runway, uid }
}

type Options = { signal?: AbortSignal; timeoutMs?: number }

/** What is not needed to use the cluster is no reason to fail. */
async function findRunway(
  transport: Transport,
  options: Options,
): Promise<Pick<ClusterFacts, 'apiGroup' | 'otherVersions'>> {
  const apiGroup = await findApiGroup(transport, options)
  const otherVersions =
    apiGroup === null ? await findVersions(transport, options).catch(() => []) : []
  return { apiGroup, otherVersions }
}

/** How many ModelDeployments there are in the former group, where that is served. Throws ClusterError. */
export async function countFormer(transport: Transport, options: Options): Promise<number> {
  const path = kubePath('apis', apiGroups[1], apiVersion, 'modeldeployments')
  const { body } = await transport.request({
    method: 'GET',
    path,
    query: { limit: 1 },
    bytesMax: objectBytesMax,
    ...options,
  })
  const { items, metadata } = isRecord(body) ? body : {}
  if (!Array.isArray(items)) return 0
  const more = isRecord(metadata) ? metadata.remainingItemCount : 0
  return items.length + (typeof more === 'number' && Number.isSafeInteger(more) ? more : 0)
}

async function findVersions(transport: Transport, options: Options): Promise<string[]> {
  const path = kubePath('apis', apiGroups[0])
  const { body } = await transport.request({ method: 'GET', path, bytesMax, ...options })
  const versions = isRecord(body) && Array.isArray(body.versions) ? body.versions : []
  return versions
    .filter(isRecord)
    .flatMap(({ version }) =>
      typeof version === 'string' && /^[a-z0-9]{1,63}$/.test(version) && version !== apiVersion
        ? [version]
        : [],
    )
    .slice(0, versionsMax)
}

async function findApiGroup(transport: Transport, options: Options): Promise<ApiGroup | null> {
  for (const group of apiGroups) {
    const path = kubePath('apis', group, apiVersion)
    const resources = await transport
      .request({ method: 'GET', path, bytesMax, ...options })
      .then(({ body }) => (isRecord(body) && Array.isArray(body.resources) ? body.resources : []))
      .catch((error: unknown) => {
        if (error instanceof ClusterError && error.kind === 'not-found') return []
        throw error
      })
    if (resources.some((item) => isRecord(item) && item.name === 'modeldeployments')) return group
  }
  return null
}

async function findUid(transport: Transport, options: Options): Promise<string | null> {
  const path = kubePath('api', 'v1', 'namespaces', 'kube-system')
  try {
    const { body } = await transport.request({ method: 'GET', path, bytesMax, ...options })
    return isRecord(body) ? readUid(body) : null
  } catch (error) {
    const unknowable =
      error instanceof ClusterError && ['forbidden', 'not-found'].includes(error.kind)
    if (unknowable) return null
    throw error
  }
}

/** Null for what is no uid, or of another object: a proxy may answer anything with 200. */
function readUid({ kind = 'Namespace', metadata }: Record<string, unknown>): string | null {
  const { name = 'kube-system', uid } = isRecord(metadata) ? metadata : {}
  if (kind !== 'Namespace' || name !== 'kube-system') return null
  return typeof uid === 'string' && /^[\w.:-]{1,128}$/.test(uid) && !uid.startsWith('place:')
    ? uid
    : null
}
