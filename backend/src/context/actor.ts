import type { Grant, TokenBudget } from '@hub/shared'
import type { Change } from '#db'
import type { OwnToken } from './own-tokens.ts'

/** What clusters that are asked on people's behalf let somebody see there, besides the hub's own grants. */
export type ClusterRightsOfUser = {
  /** Instances that are asked; always as of now. */
  personal: ReadonlySet<string>
  /** Of those, where the person has a token and the cluster decides alone. */
  alone: ReadonlySet<string>
  /** As whom those know the person that take their own token, by instance; null where there is none that they take. */
  known: ReadonlyMap<string, Pick<OwnToken, 'username' | 'describeBinding'> | null>
  /** `<instance>/<namespace>` where they said yes; everything else there is hidden. */
  visible: ReadonlySet<string>
  /** Of those, where they let the person create, change and delete as well. */
  creatable: ReadonlySet<string>
  updatable: ReadonlySet<string>
  deletable: ReadonlySet<string>
  /** By instance: why it could not be asked about everything, a sentence. What it did not answer is not shown. */
  unanswered: ReadonlyMap<string, string>
}

/** What access is decided on, whoever asks. */
type Granted = {
  /** `entra:<tid>:<oid>`, `github:<numeric id>`, `oidc:<sub>`, `user:<sub>@<issuer>`, or `service:<client id>@<issuer>`. */
  principal: string
  displayName: string
  /** Read for this request, never kept; no more than what the caller presented allows. */
  grants: readonly Grant[]
  /** Instances on which nobody's grants count but an administrator's; always as of now. */
  restingInstances: ReadonlySet<string>
  /** Whose policy keeps its models for deployers; always as of now. */
  keepsModels?: ((instance: string) => boolean) | undefined
  /** Comes with the request, where any instance is asked on people's behalf. */
  clusterRights?: ClusterRightsOfUser
}

/** What a person showed. A `session` alone can be fresh enough for what is sensitive. */
export type UserCredential =
  | { type: 'session'; id: string; authenticatedAt: Date }
  | { type: 'token'; id: string; name: string; isUseOnly: boolean; budget?: TokenBudget }
  | { type: 'jwt'; issuer: string; identityId: string; clientId: string | null; expiresAt: Date }
  | { type: 'local' }

export type UserActor = Granted & {
  type: 'user'
  userId: string
  email: string | null
  provider: string
  credential: UserCredential
}

/** A program with a token of a configured issuer. */
export type ServiceActor = Granted & {
  type: 'service'
  servicePrincipalId: string
  clientId: string
  /** When what it presented ends. */
  expiresAt: Date
}

/**
 * A person with a good token of an issuer whose people may come, who never signed in here: nobody in the hub's books, and
 * nothing is granted to them but what the door that they come by gives.
 */
export type GuestActor = Granted & {
  type: 'guest'
  issuer: string
  /** That it was issued to; null where the issuer names none. */
  clientId: string | null
  /** When what they presented ends. */
  expiresAt: Date
}

/** Whoever is known. */
export type Caller = UserActor | ServiceActor | GuestActor

/** Nobody who is known; `ended` says why the session that was shown is over. */
export type AnonymousActor = { type: 'anonymous'; ended?: string }

/** The hub itself: start-up, sweeps, watches. */
export type SystemActor = { type: 'system' }

export type Actor = Caller | AnonymousActor | SystemActor

/** The spelling of an actor in the audit log. */
export function describeActor(actor: Actor): string {
  switch (actor.type) {
    case 'user':
    case 'service':
    case 'guest':
      return actor.principal
    case 'anonymous':
      return 'anonymous'
    case 'system':
      return 'system'
  }
}

/** Whether what changed may change who the caller is, what they may, or whether they may be here at all. */
export function isConcerned(actor: Actor, { subject, topic }: Change): boolean {
  if (topic === 'all') return true
  if (actor.type === 'service') return subject === actor.servicePrincipalId
  if (actor.type !== 'user') return false
  const { credential } = actor
  switch (topic) {
    case 'user':
    case 'grants':
      return subject === actor.userId
    case 'session':
      return credential.type === 'session' && subject === credential.id
    case 'token':
      return credential.type === 'token' && subject === credential.id
    case 'service-principal':
    case 'access-request':
    case 'instance-policy':
    case 'maintenance':
    case 'template':
    case 'confirmation':
      return false
  }
}

export function isCaller(actor: Actor): actor is Caller {
  return actor.type === 'user' || actor.type === 'service' || actor.type === 'guest'
}
