import { askAsCaller, type Instances } from '#clusters'
import type { PrometheusConfig } from '#config'
import type { RequestContext } from '#context'
import { requireCluster } from '#instances'
import type { Passage, PassageRequest } from '#kube'
import { servicePath } from '../service-path.ts'

/** Asks a Prometheus behind a Service, by its cluster's service proxy. Throws as `openModel` does. */
export function askService(
  ctx: RequestContext,
  deps: { instances: Instances },
  instance: string,
  { namespace, ...service }: Extract<PrometheusConfig['at'], { type: 'service' }>,
  request: Pick<PassageRequest, 'method' | 'headers' | 'body' | 'timeoutMs' | 'idleTimeoutMs'>,
): Promise<Passage> {
  const cluster = requireCluster(ctx, deps, 'deployment.view', { instance, namespace })
  const path = servicePath(namespace, service, ['api', 'v1', 'query_range'])
  return askAsCaller(ctx, cluster, { namespace, isChange: false }).open({
    ...request,
    path,
    isForwarded: true,
  })
}
