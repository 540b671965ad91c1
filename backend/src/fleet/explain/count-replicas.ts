import { countAccelerators, type FleetPod } from '../read-pod.ts'
import type { ExplainFacts } from './facts.ts'

export type ReplicaCount = {
  desired: number
  ready: number
  /** Whether pods tell it, not what the controller wrote last. */
  isSeen: boolean
}

/**
 * How many replicas are ready: a replica may be several pods, and then its accelerators tell. Of a disaggregated one each
 * half counts up to what is asked of it.
 */
export function countReplicas({ deployment, live, object }: ExplainFacts): ReplicaCount {
  const { gpus, replicas } = deployment
  const { desired } = replicas
  const { halves } = object
  const areUnknown = halves !== null && live.pods?.some(({ part }) => part === null)
  if (live.pods === null || live.pods.length === 0 || areUnknown) {
    return { desired, ready: object.ready, isSeen: false }
  }
  const ready = live.pods.filter((pod) => isServing(pod) && pod.part !== 'helper')
  if (halves) {
    const of = (half: 'prefill' | 'decode') =>
      Math.min(halves[half], ready.filter(({ part }) => part === half).length)
    return { desired, ready: of('prefill') + of('decode'), isSeen: true }
  }
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
