import type { DeploymentStatusFilter } from '@hub/shared'
import type { FleetDeployment } from './present-deployment.ts'

/** The group of phases that people find a deployment in: each is in exactly one. */
export function statusFilterOf(
  deployment: Pick<FleetDeployment, 'deletingSince' | 'phase' | 'replicas'>,
): DeploymentStatusFilter {
  const { deletingSince, phase, replicas } = deployment
  if (deletingSince !== null || phase === 'Terminating') return 'deleting'
  if (phase === 'Failed') return 'attention'
  if (phase === 'Running') return replicas.ready < replicas.desired ? 'attention' : 'running'
  return 'starting'
}
