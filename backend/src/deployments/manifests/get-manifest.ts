import type { DeploymentManifest } from '@hub/shared'
import type { RequestContext } from '#context'
import { isAllowed } from '#rbac'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { deploymentNotFound } from '../get.ts'
import { openDeployments } from '../open-deployments.ts'
import { presentManifest } from './present-manifest.ts'
import { writeManifest } from './write-manifest.ts'

/**
 * One deployment as somebody would apply it, asked of its cluster. Throws what `openDeployments` throws, `not-found` and the
 * `instance-…` codes.
 */
export async function getManifest(
  ctx: RequestContext,
  deps: DeploymentDeps,
  at: DeploymentCoordinates,
): Promise<DeploymentManifest> {
  const { cluster, get } = openDeployments(ctx, deps, 'deployment.view', at)
  const object = await get(at.name)
  if (!object) throw deploymentNotFound(at)
  const isMasked = !isAllowed(ctx, 'deployment.update', at)
  return writeManifest(object.metadata?.uid, presentManifest(cluster, object), { isMasked })
}
