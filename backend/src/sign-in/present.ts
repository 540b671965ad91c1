import type { KnownCaller, Me } from '@hub/shared'
import type { Caller, RequestContext, UserActor } from '#context'
import { hubWide, isAllowed } from '#rbac'

export function presentMe(ctx: RequestContext, actor: UserActor, awaitsSetup: boolean): Me {
  return {
    principal: actor.principal,
    displayName: actor.displayName,
    email: actor.email,
    provider: actor.provider,
    grants: [...actor.grants],
    authenticatedAt:
      actor.credential.type === 'session' ? actor.credential.authenticatedAt.toISOString() : null,
    awaitsSetup,
    abilities: { administer: isAllowed(ctx, 'grant.manage', hubWide) },
  }
}

export function presentCaller({ displayName, grants, principal, type }: Caller): KnownCaller {
  return {
    type: type === 'user' ? 'person' : 'program',
    principal,
    displayName,
    grants: [...grants],
  }
}
