import { countAccelerators, type FleetPod } from '../read-pod.ts'
import type { ExplainFacts } from './facts.ts'

export type ReplicaCount = {
  desired: number
  ready: number
  /** Whether pods tell it, not what the controller wrote last. */
  isSeen: boolean
}

/** How many replicas are ready: a replica may be several pods, and then its accelerators tell. */
export function countReplicas({ deployment, live }: ExplainFacts): ReplicaCount {
  const { gpus, replicas, servingMode } = deployment
  const { desired } = replicas
  // What makes a replica of a disaggregated one, and pods that are not known as its own, nobody can count here.
  if (servingMode === 'disaggregated' || live.pods === null || live.pods.length === 0) {
    return { desired, ready: replicas.ready, isSeen: false }
  }
  const ready = live.pods.filter(isServing)
  const held = gpus.perReplica > 0 ? sumAccelerators(ready) : 0
  const count = held > 0 ? Math.floor(held / gpus.perReplica) : ready.length
  return { desired, ready: count, isSeen: true }
}

export function isServing({ detail }: FleetPod): boolean {
  return detail !== null && detail.isReady && !detail.isDeleting
}

function sumAccelerators(pods: readonly FleetPod[]): number {
  return pods.reduce((sum, pod) => sum + countAccelerators(pod), 0)
}
