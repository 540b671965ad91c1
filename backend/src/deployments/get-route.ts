import type { ModelRoute } from '@hub/shared'
import type { RequestContext } from '#context'
import { isAllowed } from '#rbac'
import { requireCluster } from '#instances'
import type { DirectRoutes } from '#serving'
import type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
import { requireDeployment } from './get.ts'

export type RouteDeps = DeploymentDeps & { directRoutes: DirectRoutes }

const triedMs = 4_000

/**
 * How calls of a deployment's model get there. An address is dialled before it is told. Throws what `getDeployment`
 * throws, and what `requireCluster` does.
 */
export async function getModelRoute(
  ctx: RequestContext,
  deps: RouteDeps,
  at: DeploymentCoordinates,
): Promise<ModelRoute> {
  const cluster = requireCluster(ctx, deps, 'deployment.view', at)
  const deployment = requireDeployment(ctx, deps, at)
  const mayUse = isAllowed(ctx, 'deployment.chat', at)
  const find = () => deps.directRoutes.find(cluster, deployment)
  const route = find()
  if (route.open && deployment.endpoint !== null) {
    // Whatever it answers, somebody is there; and where nobody is, that is known from then on.
    await route
      .open({ method: 'GET', path: ['v1', 'models'], timeoutMs: triedMs, signal: ctx.signal })
      .then(({ body }) => body.cancel())
      .catch(() => {})
  }
  const { address, open, reason } = find()
  return { way: open ? 'direct' : 'service-proxy', address, reason, mayUse }
}
