import type { AccessMode, InstanceStatus, RightsFrom } from '@hub/shared'
import type { ApiGroup, Transport } from '#kube'

/**
 * An instance as it was when it was asked for. It never changes: ask again, or listen, for what is true later. Its
 * transport serves until the credential is replaced, and lets what is in flight then finish.
 */
export type ClusterInstance = {
  readonly id: string
  readonly status: InstanceStatus
  readonly accessMode: AccessMode
  readonly rights: RightsFrom
  readonly kubernetesVersion: string | null
  /** Null while nothing there may be read or changed: it is not known yet, not installed, or rests. */
  readonly apiGroup: ApiGroup | null
  /** What the cluster is, whatever its name; null until it was read or where it may not be. */
  readonly clusterUid: string | null
  /** The cluster as far as it can be told from others: its uid, or where it answers; null until it did. */
  readonly clusterIdentity: string | null
  /** Where its API server is, as the credential says; nothing of how the hub signs in there. */
  readonly endpoint: { server: string; ca: string | null; tlsServerName: string | null } | null
  /** The namespace that the credential's context names. */
  readonly contextNamespace: string | null
  /** What is odd about the credential, for administrators. */
  readonly warnings: readonly string[]
  readonly transport: Transport
}

export type InstancesChange =
  | { type: 'upsert'; instance: ClusterInstance }
  | { type: 'remove'; id: string }
