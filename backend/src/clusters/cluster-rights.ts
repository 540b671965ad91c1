import { isCaller, type Actor, type Clock, type RequestContext } from '#context'
import { AppError } from '#errors'
import { shortenKey } from '#cache'
import { isImpersonationRefused, reviewAccess, toAppError, type Impersonation } from '#kube'
import { isAllowed } from '#rbac'
import { measureElapsed } from '#time'
import { actFor } from './act-for.ts'
import type { ClusterInstance } from './cluster-instance.ts'
import type { Instances } from './create-instances.ts'
import { createRightsKeeper } from './keep-rights.ts'

/**
 * Asks clusters in mode `impersonate` what they let a caller see and change, so that what is read from memory, and what is
 * offered, obeys them too.
 */
export type ClusterRights = {
  /** The actor with what the clusters say of these namespaces, by instance; what is not asked about is hidden. */
  extend(
    ctx: RequestContext,
    wanted: Iterable<readonly [instance: string, namespaces: Iterable<string>]>,
  ): Promise<Actor>
}

const verbs = {
  view: ['list', 'get'],
  create: ['create'],
  update: ['patch'],
  delete: ['delete'],
} as const
type Deed = keyof typeof verbs
/** What a person may do in one place, as far as it was asked; a sentence where the cluster could not be asked. */
type Verdict = ReadonlySet<Deed> | string
type Known = { verdict: Verdict; until: number }
/** Somebody as a cluster knows them, and the namespaces in which they are that. */
type Person = { impersonate: Impersonation; namespaces: string[]; deeds: readonly Deed[] }
type Answer = {
  visible: string[]
  creatable: string[]
  updatable: string[]
  deletable: string[]
  unanswered: string | null
}

const keptMs = 30_000
/** A cluster that cannot be asked is asked again sooner, but not by every request. */
const failedMs = 5_000
const timeoutMs = 2_000
const atOnce = 8
const verdictsMax = 50_000

type ClusterRightsOptions = {
  instances: Pick<Instances, 'find' | 'impersonated' | 'reportPeople'>
  now: Clock
}

export function createClusterRights(options: ClusterRightsOptions): ClusterRights {
  const { instances } = options
  const keepRights = createRightsKeeper()
  const ask = createVerdicts(options)

  return {
    extend: async (ctx, wanted) => {
      const { actor } = ctx
      if (!isCaller(actor) || instances.impersonated.size === 0) return actor
      const { clusterRights: _, ...granted } = actor
      const places = {
        visible: new Set<string>(),
        creatable: new Set<string>(),
        updatable: new Set<string>(),
        deletable: new Set<string>(),
      }
      const unanswered = new Map<string, string>()
      await Promise.all(
        [...wanted].map(async ([id, namespaces]) => {
          const instance = instances.find(id)
          if (instance?.accessMode !== 'impersonate') return
          const answer = await askInstance(ask, ctx, granted, instance, namespaces)
          if (answer.unanswered !== null) unanswered.set(id, answer.unanswered)
          for (const deed of ['visible', 'creatable', 'updatable', 'deletable'] as const) {
            for (const namespace of answer[deed]) places[deed].add(`${id}/${namespace}`)
          }
        }),
      )
      const said = { impersonated: instances.impersonated, ...places, unanswered }
      return { ...granted, clusterRights: keepRights(actor.principal, said) }
    },
  }
}

type Ask = (
  ctx: RequestContext,
  instance: ClusterInstance,
  person: Person,
  namespace: string | null,
) => Promise<Verdict>

/** What clusters say of people, asked once for all who ask at the same time, and kept for a while. */
function createVerdicts({ instances, now }: ClusterRightsOptions): Ask {
  const elapsedMs = measureElapsed(now)
  const known = new Map<string, Known>()
  const asking = new Map<string, Promise<Verdict>>()
  const refusals = new Map<string, { user: string; at: number }>()

  /** Whether the hub may act for people there: one who is refused by name alone makes nobody else's success a failure. */
  const reportPeople = (id: string, user: string, trouble: string | null) => {
    const refused = refusals.get(id)
    if (trouble !== null) refusals.set(id, { user, at: elapsedMs() })
    else if (refused && refused.user !== user && elapsedMs() - refused.at < keptMs) return
    else refusals.delete(id)
    instances.reportPeople(id, trouble)
  }

  return async (ctx, instance, { deeds, impersonate }, namespace) => {
    const { user, groups } = impersonate
    const { clusterIdentity, id } = instance
    const key = shortenKey(JSON.stringify([id, clusterIdentity, user, groups, deeds, namespace]))
    const found = known.get(key)
    if (found && found.until > elapsedMs()) return found.verdict
    const underWay = asking.get(key)
    if (underWay) return underWay
    const answer = review(instance, impersonate, deeds, namespace, ctx.requestId)
      .then(
        (verdict): Verdict => {
          reportPeople(id, user, null)
          return verdict
        },
        (error: unknown): Verdict => {
          ctx.log.debug({ error, instance: id }, 'a cluster could not say what may be seen')
          const reason = describeUnanswered(id, error)
          if (isImpersonationRefused(error)) reportPeople(id, user, reason)
          return reason
        },
      )
      .then((verdict) => {
        const until = elapsedMs() + (typeof verdict === 'string' ? failedMs : keptMs)
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

/** What a person may do in all namespaces is asked first, and only the rest of each. */
async function askPerson(
  ask: Ask,
  ctx: RequestContext,
  instance: ClusterInstance,
  person: Person,
  answer: Answer,
): Promise<void> {
  const note = (namespace: string, may: ReadonlySet<Deed>) => {
    if (!may.has('view')) return
    answer.visible.push(namespace)
    if (may.has('create')) answer.creatable.push(namespace)
    if (may.has('update')) answer.updatable.push(namespace)
    if (may.has('delete')) answer.deletable.push(namespace)
  }
  const everywhere = await ask(ctx, instance, person, null)
  if (typeof everywhere === 'string') {
    answer.unanswered = everywhere
    return
  }
  const deeds = person.deeds.filter((deed) => !everywhere.has(deed))
  if (deeds.length === 0) {
    for (const namespace of person.namespaces) note(namespace, everywhere)
    return
  }
  const waiting = person.namespaces.values()
  const askSome = async () => {
    for (const namespace of waiting) {
      const there = await ask(ctx, instance, { ...person, deeds }, namespace)
      if (typeof there === 'string') answer.unanswered = there
      // What is offered is not asked again where the cluster just failed to answer.
      note(namespace, typeof there === 'string' ? everywhere : new Set([...everywhere, ...there]))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, askSome))
}

async function askInstance(
  ask: Ask,
  ctx: RequestContext,
  actor: Actor,
  instance: ClusterInstance,
  namespaces: Iterable<string>,
): Promise<Answer> {
  const answer: Answer = {
    visible: [],
    creatable: [],
    updatable: [],
    deletable: [],
    unanswered: null,
  }
  const cannotAnswer = describeSilence(instance)
  if (cannotAnswer !== null) return { ...answer, unanswered: cannotAnswer }
  for (const person of findPersons({ actor, now: ctx.now }, instance, namespaces)) {
    await askPerson(ask, ctx, instance, person, answer)
  }
  return answer
}

/** Namespaces in which somebody is the same to the cluster, and what the hub itself lets them do there. */
function findPersons(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: ClusterInstance,
  namespaces: Iterable<string>,
): Person[] {
  const persons = new Map<string, Person>()
  for (const namespace of new Set(namespaces)) {
    const scope = { instance: instance.id, namespace }
    const impersonate = isAllowed(ctx, 'deployment.view', scope)
      ? tryActFor(ctx, instance, namespace)
      : undefined
    if (!impersonate) continue
    const deeds: Deed[] = ['view']
    if (isAllowed(ctx, 'deployment.create', scope)) deeds.push('create')
    if (isAllowed(ctx, 'deployment.update', scope)) deeds.push('update')
    if (isAllowed(ctx, 'deployment.delete', scope)) deeds.push('delete')
    const key = [...impersonate.groups, ...deeds].join(',')
    const same = persons.get(key) ?? { impersonate, namespaces: [], deeds }
    same.namespaces.push(namespace)
    persons.set(key, same)
  }
  return [...persons.values()]
}

/** Why a cluster cannot be asked at all; null where it can. */
function describeSilence({ apiGroup, id, status }: ClusterInstance): string | null {
  const isUp = status.state !== 'unreachable' && status.state !== 'unauthorized'
  if (apiGroup !== null && isUp) return null
  return status.reason ?? `Instance "${id}" is being connected. Wait a moment.`
}

function describeUnanswered(id: string, error: unknown): string {
  if (isImpersonationRefused(error)) {
    return `The hub may not act for people on instance "${id}", so nobody sees what is deployed there: its credential may not impersonate them. An administrator of the hub can apply deploy/kubernetes/instance-rbac-impersonate on that cluster; its ClusterRole and ClusterRoleBinding "kubeairunway-hub-impersonator" are what is missing.`
  }
  const told: unknown = toAppError(error, { instance: id })
  const detail = told instanceof AppError ? ` ${told.detail}` : ''
  return `The cluster could not be asked what you may see on instance "${id}", so nothing there is shown.${detail}`
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
  { apiGroup: group, transport }: ClusterInstance,
  impersonate: Impersonation,
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
          { impersonate, requestId, timeoutMs },
        ),
      ),
    )
    return !answers.includes(false)
  }
  const allowed = await Promise.all(deeds.map(isLet))
  return new Set(deeds.filter((_, i) => allowed[i]))
}
