import type { ClusterFacts, Transport } from '#kube'
import type { ClusterInstance } from './cluster-instance.ts'
import type { GoodCredential } from './credentials-directory.ts'
import type { HealthWatch, Probe } from './watch-health.ts'

/** What the registry holds of one instance. */
export type Entry = {
  instance: ClusterInstance
  /** Its transport, as it asks but once. */
  once: Transport
  good: GoodCredential
  health: HealthWatch
  lastProbe: Probe | null
  /** What the cluster said when it last had settled. */
  settled: Pick<ClusterFacts, 'apiGroup' | 'uid'> | null
  /** The credential was read anew since the cluster refused it; once is enough until one is good. */
  isReloaded: boolean
  trouble: string | null
  peopleTrouble: string | null
}

/** Watches that were refused wait for long: a credential that heals them starts them anew. */
export function isWell({ instance }: Entry): boolean {
  return instance.status.state === 'ready'
}

export function isUp({ instance: { status } }: Entry): boolean {
  return ['ready', 'degraded', 'no-crd'].includes(status.state)
}
