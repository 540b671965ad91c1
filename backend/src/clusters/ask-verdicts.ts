import { shortenKey } from '#cache'
import type { Clock, RequestContext } from '#context'
import { AppError } from '#errors'
import { isImpersonationRefused, reviewAccess, toAppError } from '#kube'
import { measureElapsed } from '#time'
import type { ActAs } from './act-for.ts'
import type { ClusterInstance } from './cluster-instance.ts'
import type { Instances } from './create-instances.ts'
import { createPeopleJudge } from './judge-people.ts'

const verbs = {
  view: ['list', 'get'],
  create: ['create'],
  update: ['patch'],
  delete: ['delete'],
} as const
export type Deed = keyof typeof verbs
/** What a person may do in one place, as far as it was asked; a sentence where the cluster could not be asked. */
type Verdict = ReadonlySet<Deed> | string
type Known = { verdict: Verdict; until: number }
/** Somebody as a cluster knows them, and the namespaces in which they are that. */
export type Person = {
  as: ActAs
  /** The same for the same to the cluster. */
  whom: string
  /** Null for one whom the cluster knows by nothing that ends. */
  endsAt: Date | null
  namespaces: string[]
  deeds: readonly Deed[]
}

export const allDeeds: readonly Deed[] = ['view', 'create', 'update', 'delete']

const keptMs = 30_000
/** A cluster that cannot be asked is asked again sooner, but not by every request. */
const failedMs = 5_000
const timeoutMs = 2_000
const verdictsMax = 50_000

export type VerdictOptions = {
  instances: Pick<Instances, 'find' | 'personal' | 'reportPeople'>
  now: Clock
}

export type Ask = (
  ctx: RequestContext,
  instance: ClusterInstance,
  person: Person,
  namespace: string | null,
) => Promise<Verdict>

/** What clusters say of people, asked once for all who ask at the same time, and kept for a while. */
export function createVerdicts({ instances, now }: VerdictOptions): Ask {
  const elapsedMs = measureElapsed(now)
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<Verdict>>()
  const judge = createPeopleJudge(instances, elapsedMs)

  return async (ctx, instance, { as, deeds, endsAt, whom }, namespace) => {
    const { clusterIdentity, id } = instance
    const leftMs = endsAt === null ? keptMs : endsAt.getTime() - now().getTime()
    const key = shortenKey(JSON.stringify([id, clusterIdentity, whom, deeds, namespace]))
    const found = known.get(key)
    if (found && found.until > elapsedMs()) return found.verdict
    const underWay = asking.get(key)
    if (underWay) return underWay
    const answer = review(instance, as, deeds, namespace, ctx.requestId)
      .then(
        (verdict): Verdict => {
          judge.good(id, as)
          return verdict
        },
        (error: unknown): Verdict => {
          ctx.log.debug({ error, instance: id }, 'a cluster could not say what may be seen')
          const reason = describeUnanswered(id, as, error)
          judge.bad(id, as, error, reason)
          return reason
        },
      )
      .then((verdict) => {
        const until =
          elapsedMs() + Math.min(typeof verdict === 'string' ? failedMs : keptMs, leftMs)
        known.delete(key)
        known.set(key, { verdict, until })
        const [oldest] = known.keys()
        if (known.size > verdictsMax && oldest !== undefined) known.delete(oldest)
        return verdict
      })
      .finally(() => asking.delete(key))
    asking.set(key, answer)
    return answer
  }
}

function describeUnanswered(id: string, { ownToken }: ActAs, error: unknown): string {
  if (isImpersonationRefused(error)) {
    return `The hub may not act for people on instance "${id}", so nobody sees what is deployed there: its credential may not impersonate them. An administrator of the hub can apply deploy/kubernetes/instance-rbac-impersonate on that cluster; its ClusterRole and ClusterRoleBinding "kubeairunway-hub-impersonator" are what is missing.`
  }
  const target = { instance: id, ...(ownToken && { ownToken: { bind: null } }) }
  const told: unknown = toAppError(error, target)
  const detail = told instanceof AppError ? ` ${told.detail}` : ''
  return `The cluster could not be asked what you may see on instance "${id}", so nothing there is shown.${detail}`
}

/** Null namespace: in every namespace. Throws ClusterError. */
async function review(
  { apiGroup: group, transport }: ClusterInstance,
  as: ActAs,
  deeds: readonly Deed[],
  namespace: string | null,
  requestId: string,
): Promise<ReadonlySet<Deed>> {
  const isLet = async (deed: Deed) => {
    const answers = await Promise.all(
      verbs[deed].map((verb) =>
        reviewAccess(
          transport,
          { verb, group, resource: 'modeldeployments', namespace },
          { ...as, requestId, timeoutMs },
        ),
      ),
    )
    return !answers.includes(false)
  }
  const allowed = await Promise.all(deeds.map(isLet))
  return new Set(deeds.filter((_, i) => allowed[i]))
}
