import type { KubeObject, Untyped } from '../objects.ts'
import { parseQuantity } from '../quantity.ts'
import type { ServerContext } from './request-context.ts'
import type { Resource } from './resource.ts'
import { forbidden } from './status.ts'

/** Refuses a pod for which a ResourceQuota of its namespace has no room, and keeps count as the quota controller would. */
export function checkQuota(
  { storage }: Pick<ServerContext, 'storage'>,
  resource: Resource,
  pod: KubeObject,
): void {
  if (resource.kind !== 'Pod') return
  const { name, namespace } = pod.metadata
  for (const stored of storage.list('resourcequotas') ?? []) {
    if (stored.namespace !== namespace) continue
    const hard: Record<string, string> = stored.object.spec?.hard ?? {}
    const pods = (storage.list('pods') ?? []).filter(
      (each) =>
        each.namespace === namespace &&
        !['Succeeded', 'Failed'].includes(each.object.status?.phase),
    )
    for (const [limit, most] of Object.entries(hard)) {
      const asked = requestOf(pod, limit)
      const used = pods.reduce((sum, each) => sum + requestOf(each.object, limit), 0)
      keepCount(storage, stored.object, hard, limit, Math.min(used + asked, parse(most)))
      if (asked === 0 || used + asked <= parse(most)) continue
      throw forbidden(
        resource,
        name,
        `exceeded quota: ${stored.object.metadata.name}, requested: ${limit}=${asked}, used: ${limit}=${used}, limited: ${limit}=${most}`,
      )
    }
  }
}

function keepCount(
  storage: ServerContext['storage'],
  quota: KubeObject,
  hard: Record<string, string>,
  limit: string,
  used: number,
): void {
  const { name, namespace = '' } = quota.metadata
  const stored = storage.find('resourcequotas', namespace, name)!
  const status: Untyped = stored.object.status ?? {}
  if (status.used?.[limit] === String(used)) return
  storage.update('resourcequotas', stored, {
    ...stored.object,
    status: { hard, used: { ...status.used, [limit]: String(used) } },
  })
}

function requestOf(pod: KubeObject, limit: string): number {
  if (limit === 'pods' || limit === 'count/pods') return 1
  const resource = limit.replace(/^(requests|limits)\./, '')
  return (pod.spec.containers as Untyped[]).reduce((sum, { resources }) => {
    const quantity = resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? '0'
    return sum + parse(quantity)
  }, 0)
}

function parse(quantity: string): number {
  return parseQuantity(quantity) ?? 0
}
