import type { ClusterInstance } from '#clusters'
import { apiVersion, kubePath, type ApiGroup, type KubePath, type Query } from '#kube'

/** What the hub watches on an instance. */
export const kinds = [
  'deployments',
  'runtimes',
  'pods',
  'nodes',
  'namespaces',
  'slices',
  'claims',
  'quotas',
  'warnings',
] as const
export type Kind = (typeof kinds)[number]

export const collections: Record<Kind, { words: string; isNamespaced: boolean }> = {
  deployments: { words: 'deployments', isNamespaced: true },
  runtimes: { words: 'runtimes', isNamespaced: false },
  pods: { words: 'pods', isNamespaced: true },
  nodes: { words: 'nodes', isNamespaced: false },
  namespaces: { words: 'namespaces', isNamespaced: false },
  slices: { words: 'resource slices', isNamespaced: false },
  // Those of some namespaces alone would say nothing of what is free.
  claims: { words: 'resource claims', isNamespaced: false },
  quotas: { words: 'resource quotas', isNamespaced: true },
  warnings: { words: 'warnings', isNamespaced: true },
}

/** Whether it belongs to AI Runway, whose group is another on some clusters. */
export function hasGroup(kind: Kind): boolean {
  return kind === 'deployments' || kind === 'runtimes'
}

export function pathOf(kind: Kind, group: ApiGroup | null, namespace: string | null): KubePath {
  const within = namespace === null ? [] : ['namespaces', namespace]
  switch (kind) {
    case 'deployments':
      return kubePath('apis', group!, apiVersion, ...within, 'modeldeployments')
    case 'runtimes':
      return kubePath('apis', group!, apiVersion, 'inferenceproviderconfigs')
    case 'pods':
      return kubePath('api', 'v1', ...within, 'pods')
    case 'nodes':
      return kubePath('api', 'v1', 'nodes')
    case 'namespaces':
      return kubePath('api', 'v1', 'namespaces')
    case 'slices':
      return kubePath('apis', 'resource.k8s.io', 'v1', 'resourceslices')
    case 'claims':
      return kubePath('apis', 'resource.k8s.io', 'v1', 'resourceclaims')
    case 'quotas':
      return kubePath('api', 'v1', ...within, 'resourcequotas')
    case 'warnings':
      return kubePath('api', 'v1', ...within, 'events')
  }
}

/** What of a kind is asked for; of most, all. */
export function queryOf(kind: Kind): Query | undefined {
  return kind === 'warnings' ? { fieldSelector: 'type=Warning' } : undefined
}

/** Whether an instance is well without it: what it tells is an extra, and an older credential may not read it. */
export function isExtra(kind: Kind): boolean {
  return kind === 'slices' || kind === 'claims' || kind === 'quotas' || kind === 'warnings'
}

/** Whether a kind is to be watched, as far as the instance and what else is read of it say. */
export function isWanted(
  kind: Kind,
  { apiGroup, status }: Pick<ClusterInstance, 'apiGroup' | 'status'>,
  now: { hasDevices: boolean; isWatched: boolean },
): boolean {
  // Quotas and warnings tell of deployments alone.
  if (hasGroup(kind) || kind === 'quotas' || kind === 'warnings') return apiGroup !== null
  // What was read of a cluster that does not answer is read on when it does.
  if (now.isWatched && !isUp(status)) return true
  // Without a group a cluster that answers either has no CRD or rests, and then nothing there may be read.
  const isReadable = apiGroup !== null || status.state === 'no-crd'
  return isReadable && (kind !== 'claims' || now.hasDevices)
}

export function isUp({ state }: ClusterInstance['status']): boolean {
  return state === 'ready' || state === 'degraded' || state === 'no-crd'
}
