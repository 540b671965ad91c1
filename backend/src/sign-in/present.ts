import type { Me } from '@hub/shared'
import type { RequestContext, UserActor } from '#context'
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
