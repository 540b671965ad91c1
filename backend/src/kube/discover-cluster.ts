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
  /** The kube-system namespace's uid: what a cluster is. Null where the credential may not read it. */
  uid: string | null
}

/** Each of these answers is a few kilobytes. */
const bytesMax = 256 * 1024

/** Asks a cluster who it is. Throws ClusterError. */
export async function discoverCluster(
  transport: Transport,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
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
  const [apiGroup, uid] = await Promise.all([
    findApiGroup(transport, options),
    findUid(transport, options),
  ])
  return { kubernetesVersion: clip(gitVersion, 100), apiGroup, uid }
}

async function findApiGroup(
  transport: Transport,
  options: { signal?: AbortSignal; timeoutMs?: number },
): Promise<ApiGroup | null> {
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

async function findUid(
  transport: Transport,
  options: { signal?: AbortSignal; timeoutMs?: number },
): Promise<string | null> {
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
