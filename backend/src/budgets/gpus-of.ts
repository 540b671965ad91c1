import type { FleetDeployment } from '#fleet'
import { countAsked } from './count-gpus.ts'

/** Those of a deployment that is there: what it asked for, or what its pods hold where that is more, or told apart. */
export function gpusOf(deployment: FleetDeployment): number {
  const held = deployment.gpus.held ?? 0
  // Its parts ask for different numbers, which a summary does not tell.
  if (deployment.servingMode === 'disaggregated' && held > 0) return held
  return Math.max(held, countAsked(deployment))
}
