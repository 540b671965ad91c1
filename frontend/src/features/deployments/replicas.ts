import type { Deployment } from '@hub/shared'

/** How many replicas run where fewer are asked for: pods tell it, whatever the controller wrote; null where none is too many. */
export function countSurplus({
  replicas: { desired, ready, running },
}: Pick<Deployment, 'replicas'>): number | null {
  const count = running ?? ready
  return count > desired ? count : null
}

/** "1 of 2 ready"; where more run than are asked for, both numbers. */
export function describeReplicas({ replicas }: Pick<Deployment, 'replicas'>): string {
  const surplus = countSurplus({ replicas })
  const { desired, ready } = replicas
  if (surplus !== null) return `${surplus} running, ${desired} asked for`
  return `${Math.min(ready, desired)} of ${desired} ready`
}

/** One replica, as far as it has come. */
export type ReplicaCell = 'ready' | 'missing' | 'surplus'

/** A cell for each replica that is asked for, and for each that is too many; at most `most`. */
export function listReplicas(
  { replicas }: Pick<Deployment, 'replicas'>,
  most: number,
): ReplicaCell[] {
  const ready = Math.min(replicas.ready, replicas.desired)
  const surplus = Math.max(0, (countSurplus({ replicas }) ?? 0) - replicas.desired)
  return [
    ...Array.from({ length: ready }, () => 'ready' as const),
    ...Array.from({ length: replicas.desired - ready }, () => 'missing' as const),
    ...Array.from({ length: surplus }, () => 'surplus' as const),
  ].slice(0, most)
}
