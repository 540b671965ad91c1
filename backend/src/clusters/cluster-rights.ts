import { isCaller, type Actor, type OwnToken, type RequestContext } from '#context'
import { AppError } from '#errors'
import { isAllowed } from '#rbac'
import {
  actFor,
  describeWhom,
  findOwnToken,
  takesOwnTokens,
  type ActingContext,
} from './act-for.ts'
import type { ClusterInstance } from './cluster-instance.ts'
import {
  allDeeds,
  createVerdicts,
  type Ask,
  type Deed,
  type Person,
  type VerdictOptions,
} from './ask-verdicts.ts'
import { createRightsKeeper } from './keep-rights.ts'

/**
 * Asks clusters that know people themselves what they let a caller see and change, so that what is read from memory, and
 * what is offered, obeys them too.
 */
export type ClusterRights = {
  /** The actor with what the clusters say of these namespaces, by instance; what is not asked about is hidden. */
  extend(
    ctx: RequestContext,
    wanted: Iterable<readonly [instance: string, namespaces: Iterable<string>]>,
  ): Promise<Actor>
}

type Answer = {
  visible: string[]
  creatable: string[]
  updatable: string[]
  deletable: string[]
  unanswered: string | null
  /** As whom the cluster knows who shows it a token of their own; null where they have none, undefined where it takes none. */
  own?: OwnToken | null
}

const atOnce = 8

export function createClusterRights(options: VerdictOptions): ClusterRights {
  const { instances } = options
  const keepRights = createRightsKeeper()
  const ask = createVerdicts(options)

  return {
    extend: async (ctx, wanted) => {
      const { actor } = ctx
      if (!isCaller(actor) || instances.personal.size === 0) return actor
      const { clusterRights: _, ...granted } = actor
      const places = {
        visible: new Set<string>(),
        creatable: new Set<string>(),
        updatable: new Set<string>(),
        deletable: new Set<string>(),
      }
      const unanswered = new Map<string, string>()
      const alone = new Set<string>()
      const known = new Map<string, Pick<OwnToken, 'username' | 'describeBinding'> | null>()
      await Promise.all(
        [...wanted].map(async ([id, namespaces]) => {
          const instance = instances.find(id)
          if (!instance || instance.accessMode === 'service') return
          const answer = await askInstance(ask, ctx, granted, instance, namespaces)
          if (answer.unanswered !== null) unanswered.set(id, answer.unanswered)
          if (answer.own !== undefined) known.set(id, answer.own)
          if (answer.own && instance.rights === 'cluster') alone.add(id)
          for (const deed of ['visible', 'creatable', 'updatable', 'deletable'] as const) {
            for (const namespace of answer[deed]) places[deed].add(`${id}/${namespace}`)
          }
        }),
      )
      const said = { personal: instances.personal, alone, known, ...places, unanswered }
      return { ...granted, clusterRights: keepRights(actor.principal, said) }
    },
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
  try {
    if (takesOwnTokens(instance)) answer.own = await findOwnToken(ctx, instance.id)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const hasNone = error.code === 'no-cluster-token'
    return { ...answer, unanswered: error.detail, ...(hasNone && { own: null }) }
  }
  const cannotAnswer = describeSilence(instance)
  if (cannotAnswer !== null) return { ...answer, unanswered: cannotAnswer }
  const isAlone = answer.own !== undefined && instance.rights === 'cluster'
  const asking = { actor, now: ctx.now, ownTokens: ctx.ownTokens }
  for (const person of await findPersons(asking, instance, namespaces, isAlone)) {
    await askPerson(ask, ctx, instance, person, answer)
  }
  return answer
}

/** Namespaces in which somebody is the same to the cluster, and what the hub itself lets them do there. */
async function findPersons(
  ctx: ActingContext,
  instance: ClusterInstance,
  namespaces: Iterable<string>,
  isAlone: boolean,
): Promise<Person[]> {
  const persons = new Map<string, Person>()
  for (const namespace of new Set(namespaces)) {
    const deeds = isAlone ? allDeeds : listDeeds(ctx, { instance: instance.id, namespace })
    const found = deeds.includes('view') ? await tryActFor(ctx, instance, namespace) : null
    if (!found) continue
    const key = [found.whom, ...deeds].join(',')
    const same = persons.get(key) ?? { ...found, namespaces: [], deeds }
    same.namespaces.push(namespace)
    persons.set(key, same)
  }
  return [...persons.values()]
}

function listDeeds(
  ctx: ActingContext,
  scope: { instance: string; namespace: string },
): readonly Deed[] {
  return allDeeds.filter((deed) => isAllowed(ctx, `deployment.${deed}`, scope))
}

/** Why a cluster cannot be asked at all; null where it can. */
function describeSilence({ apiGroup, id, status }: ClusterInstance): string | null {
  const isUp = status.state !== 'unreachable' && status.state !== 'unauthorized'
  if (apiGroup !== null && isUp) return null
  return status.reason ?? `Instance "${id}" is being connected. Wait a moment.`
}

async function tryActFor(
  ctx: ActingContext,
  instance: ClusterInstance,
  namespace: string,
): Promise<Pick<Person, 'as' | 'endsAt' | 'whom'> | null> {
  try {
    const { as, endsAt } = await actFor(ctx, instance, namespace)
    return { as, endsAt, whom: describeWhom(ctx, instance, namespace) }
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
