import type { Grant, Permission, Role } from '@hub/shared'
import { isCaller, type Actor, type Caller, type RequestContext, type UserActor } from '#context'
import { AppError } from '#errors'
import { decide, hubWide, requiredRole, roleLevel, type Scope } from './decide.ts'

/** Whether the actor may; for lists, counts and abilities, where a refusal is a filter and no error. */
export function isAllowed(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  permission: Permission,
  scope: Scope,
): boolean {
  const { actor } = ctx
  switch (actor.type) {
    case 'user':
    case 'service':
    case 'guest':
      return (
        (decide(countingGrants(actor, permission, scope), permission, scope, ctx.now()) ||
          isLeftToCluster(actor, permission, scope)) &&
        !isHidden(actor, permission, scope)
      )
    case 'system':
      return true
    case 'anonymous':
      return false
  }
}

/** What a cluster decides alone where it may: everything about what runs there, nothing about the hub. */
const ofClusters: ReadonlySet<Permission> = new Set([
  'instance.view',
  'deployment.view',
  'deployment.create',
  'deployment.update',
  'deployment.delete',
  'deployment.chat',
])

function isLeftToCluster(
  actor: Caller,
  permission: Permission,
  { instance, namespace }: Scope,
): boolean {
  const { clusterRights, restingInstances } = actor
  if (instance === null || restingInstances.has(instance)) return false
  if (!ofClusters.has(permission) || clusterRights?.alone.has(instance) !== true) return false
  if (namespace === null || !isForDeployers(actor, permission, instance)) return true
  return clusterRights.creatable.has(`${instance}/${namespace}`)
}

/** Whether a policy asks for more than the permission does by itself. */
function isForDeployers(
  { keepsModels }: Caller,
  permission: Permission,
  instance: string | null,
): boolean {
  return permission === 'deployment.chat' && instance !== null && keepsModels?.(instance) === true
}

/** The least role that somebody needs for a permission on an instance. */
export function leastRole(actor: Actor, permission: Permission, instance: string): Role {
  const isKept = isCaller(actor) && isForDeployers(actor, permission, instance)
  return isKept ? 'deployer' : requiredRole[permission]
}

/** Each of the caller's grants that alone is enough. */
export function findCoveringGrants(
  { actor, now }: Pick<RequestContext, 'actor' | 'now'>,
  permission: Permission,
  scope: Scope,
): Grant[] {
  if (!isCaller(actor)) return []
  const counting = countingGrants(actor, permission, scope)
  return counting.filter((grant) => decide([grant], permission, scope, now()))
}

function countingGrants(
  actor: Caller,
  permission: Permission,
  { instance }: Scope,
): readonly Grant[] {
  const isResting = instance !== null && actor.restingInstances.has(instance)
  if (isResting) return actor.grants.filter(({ role }) => role === 'admin')
  return isForDeployers(actor, permission, instance)
    ? actor.grants.filter(({ role }) => roleLevel[role] >= roleLevel.deployer)
    : actor.grants
}

/** Whether there is any place where the actor may; where that is, is asked when it is done. */
export function mayAnywhere(
  { actor, now }: Pick<RequestContext, 'actor' | 'now'>,
  permission: Permission,
): boolean {
  if (!isCaller(actor)) return actor.type === 'system'
  for (const instance of actor.clusterRights?.alone ?? []) {
    if (isAllowed({ actor, now }, permission, { instance, namespace: null })) return true
  }
  return actor.grants.some((grant) => {
    const scope = { instance: grant.instanceId ?? 'any', namespace: grant.namespaces?.[0] ?? null }
    return decide([grant], permission, scope, now())
  })
}

const placesOf = {
  'deployment.create': 'creatable',
  'deployment.update': 'updatable',
  'deployment.delete': 'deletable',
} as const

/**
 * Whether the actor may, and the cluster lets them as far as it was asked: for what is offered. What is done is asked
 * of the cluster itself.
 */
export function isOffered(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  permission: keyof typeof placesOf,
  scope: { instance: string; namespace: string | null },
): boolean {
  if (!isAllowed(ctx, permission, scope)) return false
  const rights = isCaller(ctx.actor) ? ctx.actor.clusterRights : undefined
  if (!rights?.personal.has(scope.instance)) return true
  const places = rights[placesOf[permission]]
  const { instance, namespace } = scope
  if (namespace !== null) return places.has(`${instance}/${namespace}`)
  return instancesOf(places).has(instance)
}

const instancesByPlaces = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>()

/** Where any of these `<instance>/<namespace>` is; what clusters said is a set that does not change. */
function instancesOf(places: ReadonlySet<string>): ReadonlySet<string> {
  return instancesByPlaces.getOrInsertComputed(
    places,
    () => new Set([...places].map((place) => place.slice(0, place.indexOf('/')))),
  )
}

/** Who may use a model learns that it is there. */
const ofWhatIsSeen: ReadonlySet<Permission> = new Set(['deployment.view', 'deployment.chat'])

/** Whether the cluster itself does not let the person see deployments there: either refusal is one. */
function isHidden(
  { clusterRights }: Caller,
  permission: Permission,
  { instance, namespace }: Scope,
): boolean {
  if (!clusterRights || !ofWhatIsSeen.has(permission)) return false
  if (instance === null || namespace === null || !clusterRights.personal.has(instance)) {
    return false
  }
  return !clusterRights.visible.has(`${instance}/${namespace}`)
}

/**
 * Returns when the actor may, from the coordinates alone and before any look-up.
 * Throws `unauthenticated`; `not-found` where the actor holds nothing on the instance, as for one that does not exist;
 * `instance-not-ready` where the cluster decides as well and could not be asked, `no-cluster-token` where that is for want
 * of a token; else `forbidden`.
 */
export function authorize(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  permission: Permission,
  scope: Scope,
): void {
  if (isAllowed(ctx, permission, scope)) return
  if (ctx.actor.type === 'anonymous') throw unauthenticated(ctx.actor)
  const denial = { permission, instance: scope.instance, namespace: scope.namespace }
  if (
    scope.instance !== null &&
    !isAllowed(ctx, 'instance.view', { instance: scope.instance, namespace: null })
  ) {
    throw instanceNotFound(ctx, scope.instance, denial)
  }
  const hidden = describeHidden(ctx, permission, scope)
  if (hidden) throw new AppError(hidden.code, { detail: hidden.detail, denial })
  throw new AppError('forbidden', {
    detail: describeDenial(ctx.actor, permission, scope),
    denial,
  })
}

/** Where the hub's own grants say yes: what the cluster said, or why it said nothing. */
function describeHidden(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  permission: Permission,
  scope: Scope,
): { code: 'forbidden' | 'instance-not-ready' | 'no-cluster-token'; detail: string } | null {
  const { actor } = ctx
  if (!isCaller(actor) || !isHidden(actor, permission, scope)) return null
  const { clusterRights, ...granted } = actor
  const isLet =
    isAllowed({ actor: granted, now: ctx.now }, permission, scope) ||
    isLeftToCluster(actor, permission, scope)
  if (!isLet) return null
  const unanswered = clusterRights!.unanswered.get(scope.instance!)
  const own = clusterRights!.known.get(scope.instance!)
  if (unanswered !== undefined) {
    return { code: own === null ? 'no-cluster-token' : 'instance-not-ready', detail: unanswered }
  }
  if (own) {
    const bind = own.describeBinding(scope.namespace!)
    return {
      code: 'forbidden',
      detail: `Kubernetes on "${scope.instance}" does not let you, whom it knows as "${own.username}", see deployments in namespace "${scope.namespace}". An administrator of that cluster can bind you there${bind === null ? '.' : `, such as: ${bind}`}`,
    }
  }
  return {
    code: 'forbidden',
    detail: `Kubernetes on "${scope.instance}" does not let you see deployments in namespace "${scope.namespace}", though the hub does. Ask an administrator of that cluster to bind your user "hub:${actor.principal}", or the group of your role, there.`,
  }
}

export function unauthenticated(actor?: Actor): AppError {
  return actor?.type === 'anonymous' && actor.ended !== undefined
    ? new AppError('session-ended', { detail: `${actor.ended} Sign in again to continue.` })
    : new AppError('unauthenticated', { detail: 'You are not signed in. Sign in and try again.' })
}

/**
 * The same words for an instance that does not exist and for one the caller may not know of. Whoever administers the hub
 * sees all of them, and has nobody to ask.
 */
export function instanceNotFound(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: string,
  denial?: AppError['denial'],
): AppError {
  return new AppError('not-found', {
    detail: isAllowed(ctx, 'instance.manage', hubWide)
      ? `There is no instance "${instance}" in this hub. Check the name.`
      : `There is no instance "${instance}" that you can see. Check the name, or ${describeMore(ctx.actor)}.`,
    ...(denial && { denial }),
  })
}

/** The way to more rights: a token never has more than it was made with, whoever its owner is. */
function describeMore(actor: Actor): string {
  return actor.type === 'user' && actor.credential.type === 'token'
    ? 'use a token that covers it'
    : 'ask an administrator for access'
}

/** Whoever is known: a person or a program. Throws `unauthenticated`. */
export function requireCaller(actor: Actor): Caller {
  if (!isCaller(actor)) throw unauthenticated(actor)
  return actor
}

/** The person who asks. Throws `unauthenticated`, and `forbidden` for a program. */
export function requireUser(actor: Actor): UserActor {
  if (actor.type === 'service') {
    throw new AppError('forbidden', {
      detail: 'This is for people: a service principal has no sessions and no tokens of its own.',
    })
  }
  if (actor.type === 'guest') throw unknownPerson()
  if (actor.type !== 'user') throw unauthenticated(actor)
  return actor
}

/** For all of the hub but its models: throws `forbidden` for a token that is for these alone. */
export function refuseModelsOnly(actor: Actor): void {
  if (actor.type !== 'user' || actor.credential.type !== 'token') return
  if (!actor.credential.isUseOnly) return
  throw new AppError('forbidden', {
    detail:
      'This token is for using models alone: it works at /v1, and for nothing else of the hub. Use another token, or the portal.',
  })
}

export function unknownPerson(cause?: unknown): AppError {
  return new AppError('forbidden', {
    detail:
      'The token is valid, but the hub does not know this person. Sign in to the portal once, then use the token again.',
    cause,
  })
}

function describeDenial(actor: Actor, permission: Permission, scope: Scope): string {
  const where =
    scope.instance === null
      ? 'in this hub'
      : scope.namespace === null
        ? `on instance "${scope.instance}"`
        : `in namespace "${scope.namespace}" of instance "${scope.instance}"`
  if (isCaller(actor) && isForDeployers(actor, permission, scope.instance)) {
    return `Your access does not include ${permission} ${where}: its policy keeps models for deployers. Ask an administrator for the role deployer there.`
  }
  return actor.type === 'user' && actor.credential.type === 'token'
    ? `This token does not include ${permission} ${where}. Use one that does; if you may not do it yourself, ask an administrator for a role that includes it.`
    : `Your access does not include ${permission} ${where}. Ask an administrator for a role that does.`
}
