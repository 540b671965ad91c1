import { roles, type Permission, type Role } from '@hub/shared'
import type { Caller, OwnToken, RequestContext } from '#context'
import { AppError } from '#errors'
import { isImpersonable, type Impersonation, type KubeRequest } from '#kube'
import { isAllowed, requireCaller } from '#rbac'
import type { ClusterInstance } from './cluster-instance.ts'

/** As whom a cluster takes a request: as the hub's credential where it says nothing. */
export type ActAs = Pick<KubeRequest, 'impersonate' | 'ownToken'>

export type ActingContext = Pick<RequestContext, 'actor' | 'now' | 'ownTokens'>
type Target = Pick<ClusterInstance, 'id' | 'accessMode'>

/** Somebody as a cluster knows them. */
export type Whom = {
  as: ActAs
  /** Null for the hub itself. */
  username: string | null
  /** As who cannot be shown to a cluster for longer. */
  endsAt: Date | null
}

/** The permission that tells whether a role reaches a place. */
const permissionOf: Record<Role, Permission> = {
  viewer: 'deployment.view',
  deployer: 'deployment.create',
  admin: 'instance.manage',
}

const hubItself: Whom = { as: {}, username: null, endsAt: null }

/** Whether a cluster is asked with the token that somebody has there. */
export function takesOwnTokens({ accessMode }: Pick<ClusterInstance, 'accessMode'>): boolean {
  return accessMode === 'passthrough' || accessMode === 'exchange'
}

/**
 * As whom the cluster takes a request of this caller: in mode `impersonate` the user `hub:<principal>`, a person or a
 * program, with a group `hub:<role>` for each role that the grants give there; in `passthrough` and `exchange` whoever
 * their own token says; else the hub's own credential acts. Throws `unauthenticated`; `forbidden` for a principal that
 * no cluster can take; `no-cluster-token` and `provider-unavailable` for want of a token.
 */
export async function actFor(
  ctx: ActingContext,
  instance: Target,
  namespace: string,
): Promise<Whom> {
  if (ctx.actor.type === 'system') return hubItself
  if (takesOwnTokens(instance)) {
    requireCaller(ctx.actor)
    const { endsAt, token, username } = await findOwnToken(ctx, instance.id)
    return { as: { ownToken: token }, username, endsAt }
  }
  const impersonate = impersonateFor(ctx, instance, namespace)
  return impersonate ? { as: { impersonate }, username: impersonate.user, endsAt: null } : hubItself
}

/** As whom, in a text: who has the same is the same to the cluster. */
export function describeWhom(ctx: ActingContext, instance: Target, namespace: string): string {
  if (ctx.actor.type !== 'system' && takesOwnTokens(instance)) {
    if (!ctx.ownTokens) throw withoutToken(instance.id)
    return `own ${ctx.ownTokens.key}`
  }
  return JSON.stringify(impersonateFor(ctx, instance, namespace) ?? null)
}

function impersonateFor(
  ctx: Pick<RequestContext, 'actor' | 'now'>,
  instance: Target,
  namespace: string,
): Impersonation | undefined {
  const { actor, now } = ctx
  if (instance.accessMode !== 'impersonate' || actor.type === 'system') return undefined
  const caller = requireCaller(actor)
  const user = `hub:${caller.principal}`
  const fault = findFault(caller.principal, user)
  if (fault !== null) {
    throw new AppError('forbidden', {
      detail: `Instance "${instance.id}" sees everybody under their own name. ${describeFault(caller, fault)}`,
    })
  }
  // What the cluster itself refuses does not change who the caller is.
  const { clusterRights: _, ...whole } = caller
  // A token for models alone is shown as whoever it is of: the cluster has no role for less.
  const granted = { ...whole, grants: whole.grants.map(({ only: __, ...grant }) => grant) }
  const scope = { instance: instance.id, namespace }
  const held = roles.filter((role) => isAllowed({ actor: granted, now }, permissionOf[role], scope))
  return { user, groups: held.toReversed().map((role) => `hub:${role}`) }
}

/** Throws `no-cluster-token`, `provider-unavailable`. */
export async function findOwnToken(
  { ownTokens }: Pick<RequestContext, 'ownTokens'>,
  instance: string,
): Promise<OwnToken> {
  if (!ownTokens) throw withoutToken(instance)
  return ownTokens.find(instance)
}

function withoutToken(id: string): AppError {
  return new AppError('no-cluster-token', {
    detail: `Instance "${id}" accepts people only by their own tokens, and nothing that you presented is one. Sign in to the portal, or come with an access token of the cluster's issuer.`,
  })
}

type Fault = 'reserved' | 'not plain'

/** A prefix keeps `system:` from meaning anything there, and still nobody is taken for what Kubernetes calls its own. */
function findFault(principal: string, user: string): Fault | null {
  const [, ...named] = principal.split(':')
  if (/^system:/i.test(named.join(':'))) return 'reserved'
  return isImpersonable(user) ? null : 'not plain'
}

function describeFault({ type }: Caller, fault: Fault): string {
  const whose =
    type !== 'service' ? 'Your name at the identity provider' : "This program's client id"
  const what =
    fault === 'reserved'
      ? 'begins with "system:", which is Kubernetes\' own'
      : 'has characters that no cluster accepts, such as spaces, or is too long'
  const fix =
    type !== 'service'
      ? 'Ask an administrator for an account with a plain one.'
      : 'Register the program with a plain one.'
  return `${whose} ${what}. ${fix}`
}
