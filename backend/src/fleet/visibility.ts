import { createHash } from 'node:crypto'
import type { Deployment, Grant } from '@hub/shared'
import {
  isCaller,
  type Actor,
  type Caller,
  type ClusterRightsOfUser,
  type RequestContext,
} from '#context'
import { createBoundedCache, shortenKey } from '#cache'
import { isAllowed, isOffered } from '#rbac'
import { createPlaceMemory, type RememberPlaces } from './place-memory.ts'

export type CallerContext = Pick<RequestContext, 'actor' | 'now'>

/** What somebody may do with the deployments of one namespace; `tail` closes an open JSON object with it. */
type Sight = { readonly abilities: Deployment['abilities']; readonly tail: string }

/**
 * What a caller may see, decided once per instance and namespace and shared by everybody with the same rights. Whoever
 * keeps it asks for a new one from `validUntil` on.
 */
export type Visibility = {
  /** The same for callers who see the same, so that nobody resumes with rights they did not have. */
  readonly fingerprint: string
  /** Milliseconds since the epoch. */
  readonly validUntil: number
  seesInstance(id: string): boolean
  /** Why the instance did not say what the caller may see there; null where it was not asked, or did. */
  unanswered(id: string): string | null
  /** Null where the caller may not see deployments. */
  sight(instance: string, namespace: string): Sight | null
}

const remembered = { entriesMax: 1_000, bytesMax: 64 * 1024 * 1024 }
/** A name of an instance and a namespace, in a set. */
const placeBytes = 64
/** More than all namespaces of a large fleet: what was decided of them is forgotten at once when there are more. */
const placesMax = 200_000

/** Finds the visibility of a caller; those of the latest 1,000 kinds of rights are remembered, if they decide little. */
export function createVisibilities(): (ctx: CallerContext) => Visibility {
  const known = createBoundedCache<Visibility>(remembered)
  const remember = createPlaceMemory(placesMax)
  return (ctx) => {
    const key = keyOf(ctx)
    const found = known.get(key)
    if (found && found.validUntil > ctx.now().getTime()) return found
    // What the rights themselves take is part of the key, or kept with the caller.
    const ownBytes = key.length * 2 + countPlaces(ctx) * placeBytes
    const visibility: Visibility = createVisibility(ctx, remember, (bytes) => {
      if (known.get(key) === visibility) known.set(key, visibility, ownBytes + bytes)
    })
    known.set(key, visibility, ownBytes)
    return visibility
  }
}

export function presentAbilities(
  ctx: CallerContext,
  scope: { instance: string; namespace: string },
): Deployment['abilities'] {
  return {
    update: isOffered(ctx, 'deployment.update', scope),
    delete: isOffered(ctx, 'deployment.delete', scope),
  }
}

/** Each by its number; 1 is that deployments may not be seen. */
const sights: readonly (Sight | null)[] = [
  null,
  null,
  ...[false, true].flatMap((update) =>
    [false, true].map((mayDelete) => {
      const abilities = Object.freeze({ update, delete: mayDelete })
      return { abilities, tail: `,"abilities":${JSON.stringify(abilities)}}` }
    }),
  ),
]

function numberOf(abilities: Deployment['abilities'] | null): number {
  return abilities ? 2 + (abilities.update ? 2 : 0) + (abilities.delete ? 1 : 0) : 1
}

function createVisibility(
  caller: CallerContext,
  remember: RememberPlaces,
  onKept: (bytes: number) => void,
): Visibility {
  const at = caller.now()
  const grants = isCaller(caller.actor) ? caller.actor.grants : []
  const endings = grants
    .map(({ endsAt }) => (endsAt === null ? Number.POSITIVE_INFINITY : Date.parse(endsAt)))
    .filter((ends) => ends > at.getTime())
  // Rights are those of this moment until the next grant ends: no decision is older than the object that keeps it.
  // Which instances rest and what clusters say changes under a caller: what is decided later must be of the same moment.
  const ctx: CallerContext = { actor: holdLimits(caller.actor), now: () => at }
  const instances = new Map<string, boolean>()
  const sightOf = remember((instance, namespace) => {
    const scope = { instance, namespace }
    return numberOf(isAllowed(ctx, 'deployment.view', scope) ? presentAbilities(ctx, scope) : null)
  }, onKept)
  return {
    fingerprint: createHash('sha256').update(describeRights(ctx)).digest('hex').slice(0, 8),
    validUntil: Math.min(Number.POSITIVE_INFINITY, ...endings),
    seesInstance: (id) => {
      const known = instances.get(id)
      if (known !== undefined) return known
      const sees = isAllowed(ctx, 'instance.view', { instance: id, namespace: null })
      instances.set(id, sees)
      return sees
    },
    unanswered: (id) =>
      (isCaller(ctx.actor) ? ctx.actor.clusterRights?.unanswered.get(id) : undefined) ?? null,
    sight: (instance, namespace) => sights[sightOf(instance, namespace)] ?? null,
  }
}

function holdLimits(actor: Actor): Actor {
  if (!isCaller(actor)) return actor
  const { clusterRights, restingInstances } = actor
  return {
    ...actor,
    restingInstances: new Set(restingInstances),
    ...(clusterRights && {
      clusterRights: {
        personal: new Set(clusterRights.personal),
        alone: new Set(clusterRights.alone),
        known: new Map(clusterRights.known),
        visible: new Set(clusterRights.visible),
        creatable: new Set(clusterRights.creatable),
        updatable: new Set(clusterRights.updatable),
        deletable: new Set(clusterRights.deletable),
        unanswered: new Map(clusterRights.unanswered),
      },
    }),
  }
}

function countPlaces({ actor }: CallerContext): number {
  if (!isCaller(actor) || !actor.clusterRights) return 0
  const { alone, creatable, deletable, personal, unanswered, updatable, visible } =
    actor.clusterRights
  return [alone, creatable, updatable, deletable, personal, unanswered, visible].reduce(
    (sum, { size }) => sum + size,
    0,
  )
}

function keyOf({ actor }: CallerContext): string {
  return isCaller(actor) ? `${describeGrants(actor.grants)}\n${describeLimits(actor)}` : actor.type
}

function describeRights({ actor, now }: CallerContext): string {
  if (!isCaller(actor)) return actor.type
  const at = now().getTime()
  const grants = actor.grants.filter(({ endsAt }) => endsAt === null || Date.parse(endsAt) > at)
  return `${describeGrants(grants)}\n${describeLimits(actor)}`
}

/**
 * What counts besides the grants: instances that rest, and what clusters let the person see. Those without a grant
 * are left out: that one of them rests now is nothing that the person may notice.
 */
function describeLimits({ clusterRights, grants, restingInstances }: Caller): string {
  if (restingInstances.size === 0 && !clusterRights) return ''
  const places = grants.map(({ instanceId }) => instanceId)
  const granted = places.includes(null) ? null : new Set(places)
  const alone = clusterRights?.alone ?? new Set<string>()
  const counts = (id: string) => alone.has(id) || (granted?.has(id) ?? true)
  const limits = [
    describeNames([...restingInstances].filter(counts)),
    describeNames([...(clusterRights?.personal ?? [])].filter(counts)),
    describeNames([...alone]),
    clusterRights ? describeClusterRights(clusterRights, granted) : '',
  ]
  return limits.every((names) => names === '') ? '' : limits.join('\n')
}

const described = new WeakMap<ClusterRightsOfUser, { of: string; text: string }>()

/** What clusters said comes in the same object until it is another: thousands of names are put in order once. */
function describeClusterRights(
  rights: ClusterRightsOfUser,
  granted: Set<string | null> | null,
): string {
  const of = granted === null ? '' : describeNames([...granted].map(String))
  const known = described.get(rights)
  if (known?.of === of) return known.text
  const counts = (place: string) => {
    const [id = ''] = place.split('/', 1)
    return rights.alone.has(id) || (granted?.has(id) ?? true)
  }
  const { creatable, deletable, unanswered, updatable, visible } = rights
  const parts = [
    ...[visible, creatable, updatable, deletable].map((places) =>
      describeNames([...places].filter(counts)),
    ),
    describeNames([...unanswered].filter(([id]) => counts(id)).map((each) => each.join(' '))),
  ]
  const text = parts.every((names) => names === '') ? '' : shortenKey(parts.join('\n'))
  described.set(rights, { of, text })
  return text
}

function describeNames(names: readonly string[]): string {
  return names.length === 0 ? '' : JSON.stringify(names.toSorted())
}

function describeGrants(grants: readonly Grant[]): string {
  return grants
    .map(({ endsAt, instanceId, namespaces, role }) =>
      JSON.stringify([role, instanceId, namespaces?.toSorted() ?? null, endsAt]),
    )
    .toSorted()
    .join('\n')
}
