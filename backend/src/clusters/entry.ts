import type { ClusterFacts, Transport } from '#kube'
import type { ClusterInstance } from './cluster-instance.ts'
import type { GoodCredential } from './credentials-directory.ts'
import type { HealthWatch, Probe } from './watch-health.ts'

/** What the registry holds of one instance. */
export type Entry = {
  instance: ClusterInstance
  /** Its transport, as it asks but once. */
  once: Transport
  /** When somebody last asked the cluster anything. */
  usedAt: () => number
  /** Null while the hub took none for it. */
  good: GoodCredential | null
  health: HealthWatch
  lastProbe: Probe | null
  /** What the cluster said when it last had settled. */
  settled: Pick<ClusterFacts, 'apiGroup' | 'uid'> | null
  /** The credential was read anew since the cluster refused it; once is enough until one is good. */
  isReloaded: boolean
  trouble: string | null
  peopleTrouble: string | null
}

/**
 * Whether a newer token may just take the place of the old one. Watches that were refused wait for long, and a cluster
 * that nobody could reach is tried anew: there a credential that heals starts everything anew.
 */
export function isRenewable({ instance, lastProbe, ...entry }: Entry): boolean {
  if (instance.status.state === 'ready') return true
  // One that was well, and has not answered for some seconds.
  return (
    instance.status.state === 'degraded' &&
    instance.apiGroup !== null &&
    lastProbe?.facts != null &&
    !lastProbe.isUnsettled &&
    entry.trouble === null &&
    entry.peopleTrouble === null
  )
}

export function isUp({ instance: { status } }: Entry): boolean {
  return ['ready', 'degraded', 'no-crd'].includes(status.state)
}
