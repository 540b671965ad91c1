import type { ServerResponse } from 'node:http'
import { answerAsModel } from '../model-server/answer-as-model.ts'
import { createModel } from '../model-server/create-model.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import type { ResourceContext } from './request-context.ts'
import { collectionOf } from './resource.ts'
import { ApiError, notFound } from './status.ts'

/** services/x/proxy/…: what a ready pod behind the Service serves there. */
export async function proxyService(
  context: ResourceContext,
  response: ServerResponse,
): Promise<void> {
  const { hasTraffic, info, namespace, request, resource, serviceBackends, storage } = context
  const [service = '', port = ''] = info.name.replace(/^https?:/, '').split(':')
  const found = storage.find(collectionOf(resource), namespace, service)?.object
  if (!found) throw notFound(resource, service)
  const isServed = (found.spec.ports as Untyped[]).some(
    (each) => port === '' || String(each.port) === port || each.name === port,
  )
  const pods = (storage.list('pods', { namespace }) ?? []).map(({ object }) => object)
  const pod = pods.find((each) => isBehind(found, each))
  if (!isServed || !pod) {
    const message = `no endpoints available for service "${service}"`
    throw new ApiError(503, 'ServiceUnavailable', message)
  }
  const key = `${namespace}/${service}`
  const model = serviceBackends.get(key) ?? createModel(pod, { key, traffic: hasTraffic })
  serviceBackends.set(key, model)
  const [, rest = ''] = info.path.split('/proxy')
  await answerAsModel(model, rest === '' ? '/' : rest, request, response)
}

function isBehind({ spec }: KubeObject, pod: KubeObject): boolean {
  const labels = pod.metadata.labels ?? {}
  const isSelected = Object.entries(spec.selector ?? {}).every(
    ([name, value]) => labels[name] === value,
  )
  const statuses: Untyped[] = pod.status?.containerStatuses ?? []
  return isSelected && statuses.length > 0 && statuses.every(({ ready }) => ready === true)
}
