import type { Permission } from '@hub/shared'
import { askAsCaller, type Instances } from '#clusters'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { requireCluster } from '#instances'
import { ClusterError, type Passage, type PassageRequest } from '#kube'
import { toDirectError } from './direct/describe-failure.ts'
import type { DirectRoute, DirectRoutes } from './direct/direct-routes.ts'
import { forwardHeaders, presentForwarded, type Forwarded } from './forward.ts'
import type { ServedDeployment } from './served-deployment.ts'
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
  /** Whether it is asked at its own address now, and not by its cluster's service proxy. */
  isDirect(): boolean
  /**
   * Asks the model, at its own address where the instance's policy allows, else by its cluster's service proxy, and
   * answers as it does. No header of a request but those about its body passes, no credential, and no cookie either way.
   */
  ask(request: ModelRequest): Promise<Forwarded>
}

export type ModelDeps = {
  instances: Instances
  /** Null where there is none but the service proxy. */
  directRoutes: Pick<DirectRoutes, 'find'> | null
}

/**
 * The one way to a running model, for whoever may (`permission`). Whatever fails at its cluster is an `AppError` with one
 * of the codes that `clusterProblems` lists. Throws what `requireCluster` throws, and `instance-not-ready` for what names
 * no endpoint yet.
 */
export function openModel(
  ctx: RequestContext,
  deps: ModelDeps,
  permission: Permission,
  deployment: ServedDeployment,
): OpenedModel {
  const { endpoint, instance, name, namespace } = deployment
  const cluster = requireCluster(ctx, deps, permission, { instance, namespace })
  if (endpoint === null) {
    throw new AppError('instance-not-ready', {
      detail: `Deployment "${name}" names no endpoint yet. Wait until it runs.`,
    })
  }
  const { asWhom, open } = askAsCaller(ctx, cluster, { namespace, isChange: false })
  const findDirect = () => deps.directRoutes?.find(cluster, deployment).open ?? null
  return {
    asWhom,
    isDirect: () => findDirect() !== null,
    ask: async ({ headers = {}, path, ...request }) => {
      const sent = { ...request, headers: forwardHeaders(headers) }
      const direct = findDirect()
      const answer = direct && (await askDirectly(ctx, direct, { ...sent, path }, deployment))
      if (answer) return presentForwarded(answer)
      const proxied = { path: servicePath(namespace, endpoint, path), isForwarded: true }
      return presentForwarded(await open({ ...sent, ...proxied }))
    },
  }
}

/**
 * Null where it was not sent: then it may go another way. Whatever comes after that is the answer, or an `AppError`; a
 * body that can be read but once is not tried twice.
 */
async function askDirectly(
  { signal: ofCaller }: RequestContext,
  open: NonNullable<DirectRoute['open']>,
  request: ModelRequest,
  deployment: ServedDeployment,
): Promise<Passage | null> {
  const { body, onSend, signal } = request
  let wasSent = false
  try {
    return await open({
      ...request,
      signal: signal ? AbortSignal.any([signal, ofCaller]) : ofCaller,
      toError: (error) => toDirectError(error, deployment),
      onSend: () => {
        wasSent = true
        onSend?.()
      },
    })
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    const isOver = ofCaller.aborted || signal?.aborted === true
    const isKept = isOver || error.kind === 'throttled' || body instanceof ReadableStream
    if (!wasSent && !isKept) return null
    throw toDirectError(error, deployment)
  }
}
