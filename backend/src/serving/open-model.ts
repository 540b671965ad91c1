import type { Permission } from '@hub/shared'
import { askAsCaller, type Instances } from '#clusters'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { FleetDeployment } from '#fleet'
import { requireCluster } from '#instances'
import type { PassageRequest } from '#kube'
import { forwardHeaders, presentForwarded, type Forwarded } from './forward.ts'
import { servicePath } from './service-path.ts'

/** `timeoutMs` is until the first byte. */
export type ModelRequest = Pick<
  PassageRequest,
  'method' | 'query' | 'headers' | 'body' | 'timeoutMs' | 'idleTimeoutMs' | 'signal' | 'onSend'
> & { path: readonly [string, ...string[]] }

/** Whatever stands behind a deployment's endpoint. */
export type OpenedModel = {
  /** As whom its cluster is asked: who has the same is the same to it. */
  asWhom(): string
  /**
   * Asks the model, by its cluster's service proxy, and answers as it does. No header of a request but those about its
   * body passes, no credential, and no cookie either way.
   */
  ask(request: ModelRequest): Promise<Forwarded>
}

export type ServedDeployment = Pick<FleetDeployment, 'instance' | 'namespace' | 'name' | 'endpoint'>

/**
 * The one way to a running model, for whoever may (`permission`). Whatever fails at its cluster is an `AppError` with one
 * of the codes that `clusterProblems` lists. Throws what `requireCluster` throws, and `instance-not-ready` for what names
 * no endpoint yet.
 */
export function openModel(
  ctx: RequestContext,
  deps: { instances: Instances },
  permission: Permission,
  { endpoint, instance, name, namespace }: ServedDeployment,
): OpenedModel {
  const cluster = requireCluster(ctx, deps, permission, { instance, namespace })
  if (endpoint === null) {
    throw new AppError('instance-not-ready', {
      detail: `Deployment "${name}" names no endpoint yet. Wait until it runs.`,
    })
  }
  const { asWhom, open } = askAsCaller(ctx, cluster, { namespace, isChange: false })
  return {
    asWhom,
    ask: async ({ headers = {}, path, ...request }) =>
      presentForwarded(
        await open({
          ...request,
          path: servicePath(namespace, endpoint, path),
          headers: forwardHeaders(headers),
          isForwarded: true,
        }),
      ),
  }
}
