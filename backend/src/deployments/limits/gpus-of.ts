import type { FleetDeployment } from '#fleet'

/** Those of a deployment that is there: what it asked for, or what its pods hold where that is more, or told apart. */
export function gpusOf({ gpus, replicas, servingMode }: FleetDeployment): number {
  const held = gpus.held ?? 0
  // Its parts ask for different numbers, which a summary does not tell.
  if (servingMode === 'disaggregated' && held > 0) return held
  return Math.max(held, gpus.perReplica * Math.max(1, replicas.desired))
}
