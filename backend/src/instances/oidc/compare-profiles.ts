import type { OidcProfile, SameCluster } from '@hub/shared'
import type { RequestContext } from '#context'
import { isAllowed } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import { usernamePrefixOf } from './predict-name.ts'
import type { ProfileDeps } from './profiles.ts'

/** The other instances that are the same cluster, and what it means where their profiles differ. */
export async function listSameCluster(
  ctx: RequestContext,
  deps: ProfileDeps,
  id: string,
): Promise<{ items: SameCluster[] }> {
  const { clusterIdentity } = requireInstance(ctx, deps, id)
  if (clusterIdentity === null) return { items: [] }
  const others = deps.instances
    .list()
    .filter((each) => each.id !== id && each.clusterIdentity === clusterIdentity)
    .filter((each) => isAllowed(ctx, 'instance.view', { instance: each.id, namespace: null }))
  const own = await deps.profiles.find(ctx.db, id)
  const items = await Promise.all(
    others.map(async (other) => compare(other.id, own, await deps.profiles.find(ctx.db, other.id))),
  )
  return { items }
}

function compare(
  instance: string,
  own: OidcProfile | null,
  other: OidcProfile | null,
): SameCluster {
  const about = `Instance "${instance}" is the same cluster`
  if (other === null || own === null) {
    const words =
      other === null
        ? own === null
          ? `${about}, and has no OIDC profile either.`
          : `${about}, and has no OIDC profile: whoever comes by it is not told how to sign in.`
        : `${about}, and has an OIDC profile: set the same here.`
    return { instance, differs: own !== other, detail: words }
  }
  const difference = describeDifference(own, other)
  return {
    instance,
    differs: difference !== null,
    detail:
      difference === null
        ? `${about}, and people sign in to it in the same way.`
        : `${about}, and ${difference}`,
  }
}

/** As the API server sees it: what the plugin asks for, and where people reach the cluster, may differ. */
function describeDifference(own: OidcProfile, other: OidcProfile): string | null {
  if (own.issuer !== other.issuer) {
    return `its profile names another issuer, ${other.issuer}. The API server takes tokens of both only where a file (--authentication-config) lists both; by flags it trusts one, and the other profile lets nobody in.`
  }
  if (own.clientId !== other.clientId) {
    return `its profile names another client, "${other.clientId}". The API server takes tokens for both only where a file (--authentication-config) lists both as audiences; by flags it takes one, and the other profile lets nobody in.`
  }
  if (
    own.usernameClaim !== other.usernameClaim ||
    usernamePrefixOf(own) !== usernamePrefixOf(other)
  ) {
    return `its profile names people differently: by ${other.usernameClaim}, ${describePrefix(usernamePrefixOf(other))}. An API server has one claim and one prefix for an issuer, so one of the two predicts names that nobody has: bindings made by it match nobody. "Who am I there?" says which.`
  }
  if (own.groupsClaim !== other.groupsClaim || own.groupsPrefix !== other.groupsPrefix) {
    return `its profile names groups differently: ${other.groupsClaim === null ? 'none' : `by ${other.groupsClaim}`}, ${describePrefix(other.groupsPrefix ?? '')}. An API server has one claim and one prefix for an issuer, so bindings for groups made by one of the two match nobody.`
  }
  return null
}

function describePrefix(prefix: string): string {
  return prefix === '' ? 'without a prefix' : `with the prefix "${prefix}"`
}
