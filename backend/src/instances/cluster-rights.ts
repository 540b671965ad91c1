import { isCaller, type Actor, type Clock, type RequestContext } from '#context'
import { shortenKey } from '#http'
import { reviewAccess, type Impersonation } from '#kube'
import { isAllowed } from '#rbac'
import { measureElapsed } from '#time'
import { actFor } from './act-for.ts'
import type { ClusterInstance, Instances } from './create-instances.ts'

/** Asks clusters in mode `impersonate` what they let a caller see, so that what is read from memory obeys them too. */
export type ClusterRights = {
  /** The actor with what the clusters say of these namespaces, by instance; what is not asked about is hidden. */
  extend(
    ctx: RequestContext,
    wanted: Iterable<readonly [instance: string, namespaces: Iterable<string>]>,
  ): Promise<Actor>
}

type Verdict = { allowed: boolean; until: number }

const keptMs = 30_000
/** A cluster that cannot be asked is asked again sooner, but not by every request. */
const failedMs = 5_000
const timeoutMs = 2_000
const atOnce = 8
const verdictsMax = 50_000
const verbs = ['list', 'get'] as const

export function createClusterRights({
  instances,
  now,
}: {
  instances: Pick<Instances, 'find' | 'impersonated'>
  now: Clock
}): ClusterRights {
  const elapsedMs = measureElapsed(now)
  const verdicts = new Map<string, Verdict>()
  const asking = new Map<string, Promise<boolean>>()

  const ask = async (
    ctx: RequestContext,
    instance: ClusterInstance,
    impersonate: Impersonation,
    namespace: string | null,
  ): Promise<boolean> => {
    const { user, groups } = impersonate
    const key = shortenKey(
      JSON.stringify([instance.id, instance.clusterIdentity, user, groups, namespace]),
    )
    const known = verdicts.get(key)
    if (known && known.until > elapsedMs()) return known.allowed
    const underWay = asking.get(key)
    if (underWay) return underWay
    const answer = review(instance, impersonate, namespace, ctx.requestId)
      .catch((error: unknown) => {
        // Nobody can say that the person may see it.
        ctx.log.debug({ error, instance: instance.id }, 'a cluster could not say what may be seen')
        return null
      })
      .then((allowed) => {
        const until = elapsedMs() + (allowed === null ? failedMs : keptMs)
        verdicts.delete(key)
        verdicts.set(key, { allowed: allowed === true, until })
        const [oldest] = verdicts.keys()
        if (verdicts.size > verdictsMax && oldest !== undefined) verdicts.delete(oldest)
        return allowed === true
      })
      .finally(() => asking.delete(key))
    asking.set(key, answer)
    return answer
  }

  /** Namespaces in which the person is the same to the cluster are asked about together first. */
  const findVisible = async (
    ctx: RequestContext,
    actor: Actor,
    instance: ClusterInstance,
    namespaces: Iterable<string>,
  ): Promise<string[]> => {
    const granted = { actor, now: ctx.now }
    const byPerson = new Map<string, { impersonate: Impersonation; namespaces: string[] }>()
    for (const namespace of new Set(namespaces)) {
      const impersonate = isAllowed(granted, 'deployment.view', {
        instance: instance.id,
        namespace,
      })
        ? tryActFor(granted, instance, namespace)
        : undefined
      if (!impersonate) continue
      const key = impersonate.groups.join(',')
      const same = byPerson.get(key) ?? { impersonate, namespaces: [] }
      same.namespaces.push(namespace)
      byPerson.set(key, same)
    }
    const visible: string[] = []
    for (const { impersonate, namespaces: theirs } of byPerson.values()) {
      if (await ask(ctx, instance, impersonate, null)) {
        visible.push(...theirs)
        continue
      }
      const waiting = theirs.values()
      const askSome = async () => {
        for (const namespace of waiting) {
          if (await ask(ctx, instance, impersonate, namespace)) visible.push(namespace)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, askSome))
    }
    return visible
  }

  return {
    extend: async (ctx, wanted) => {
      const { actor } = ctx
      if (!isCaller(actor) || instances.impersonated.size === 0) return actor
      const { clusterRights: _, ...granted } = actor
      const visible = new Set<string>()
      await Promise.all(
        [...wanted].map(async ([id, namespaces]) => {
          const instance = instances.find(id)
          if (instance?.accessMode !== 'impersonate' || !canAnswer(instance)) return
          for (const namespace of await findVisible(ctx, granted, instance, namespaces)) {
            visible.add(`${id}/${namespace}`)
          }
        }),
      )
      const clusterRights = { impersonated: instances.impersonated, visible }
      return { ...granted, clusterRights }
    },
  }
}

function canAnswer({ apiGroup, status }: ClusterInstance): boolean {
  return apiGroup !== null && status.state !== 'unreachable' && status.state !== 'unauthorized'
}

function tryActFor(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: ClusterInstance,
  namespace: string,
) {
  try {
    return actFor(ctx, instance, namespace)
  } catch {
    return undefined
  }
}

/** Null namespace: in every namespace. Throws ClusterError. */
async function review(
  instance: ClusterInstance,
  impersonate: Impersonation,
  namespace: string | null,
  requestId: string,
): Promise<boolean> {
  const { apiGroup: group, transport } = instance
  const answers = await Promise.all(
    verbs.map((verb) =>
      reviewAccess(
        transport,
        { verb, group, resource: 'modeldeployments', namespace },
        { impersonate, requestId, timeoutMs },
      ),
    ),
  )
  return !answers.includes(false)
}
