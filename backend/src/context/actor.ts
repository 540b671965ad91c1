import type { Grant } from '@hub/shared'

/** What clusters that are asked on people's behalf let somebody see there, besides the hub's own grants. */
export type ClusterRightsOfUser = {
  /** Instances that are asked; always as of now. */
  impersonated: ReadonlySet<string>
  /** `<instance>/<namespace>` where they said yes; everything else there is hidden. */
  visible: ReadonlySet<string>
}

/** A person who signed in with a browser session. */
export type UserActor = {
  type: 'user'
  userId: string
  /** `entra:<tid>:<oid>`, `github:<numeric id>` or `oidc:<sub>`. */
  principal: string
  displayName: string
  email: string | null
  provider: string
  sessionId: string
  /** Read for this request, never kept. */
  grants: readonly Grant[]
  /** Instances on which nobody's grants count but an administrator's; always as of now. */
  restingInstances: ReadonlySet<string>
  /** Comes with the request, where any instance is asked on people's behalf. */
  clusterRights?: ClusterRightsOfUser
}

export type AnonymousActor = { type: 'anonymous' }

/** The hub itself: start-up, sweeps, watches. */
export type SystemActor = { type: 'system' }

export type Actor = UserActor | AnonymousActor | SystemActor

/** The spelling of an actor in the audit log. */
export function describeActor(actor: Actor): string {
  switch (actor.type) {
    case 'user':
      return actor.principal
    case 'anonymous':
      return 'anonymous'
    case 'system':
      return 'system'
  }
}
