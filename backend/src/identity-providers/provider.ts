import type { ProviderId } from '@hub/shared'
import type { LastingTokens, ProvenGroups, ProvenIdentity } from '#people'

export type AuthorizationRequest = {
  state: string
  nonce: string
  codeVerifier: string
  redirectUri: string
  /** Ask again even if the provider remembers the person. GitHub can only be asked which account it is to be. */
  forceLogin: boolean
  /** Ask for nothing that outlasts the session at the provider, though the configuration does. */
  withoutOffline?: boolean
}

export type AuthorizationResponse = {
  code: string
  /** RFC 9207: which issuer says it sent the browser back. */
  iss: string | undefined
  nonce: string
  codeVerifier: string
  redirectUri: string
  /** After `forceLogin`: since when the person has to have proved who they are, where the provider says so. */
  authenticatedAfter: Date | null
  withoutOffline?: boolean
  /** The sign-in's budget of time. */
  signal: AbortSignal
}

/** A logout token that holds (OpenID Connect Back-Channel Logout 1.0 §2.6), but for being used once. */
export type VerifiedLogoutToken = {
  issuer: string
  subject: string | null
  sessionId: string | null
  /** Issuer and `jti`: a token is acted on once. */
  id: string
  /** It is refused after this by itself. */
  expiresAt: Date
}

/** Whose groups are looked up again, with what the provider gave for that at the sign-in. */
type GroupsRequest = {
  identity: Pick<ProvenIdentity, 'issuer' | 'subject'>
  tokens: LastingTokens
  signal: AbortSignal
}

/** `tokens` is what to ask with the next time: the same, or what the provider gave instead. */
type LookedUpGroups = {
  proven: ProvenGroups
  tokens: LastingTokens
  /** Of GitHub, by which people are let in. */
  orgs?: KnownOrgs
  /** What came with it, of an OpenID provider. */
  fresh?: FreshTokens
}

/** Of the person, as they are now; the id_token was verified. */
export type FreshTokens = { idToken: string | null; accessToken: string | null }

/** What was said of somebody's organizations: null where nothing was. */
export type KnownOrgs = {
  orgs: readonly { id: number; login: string }[] | null
  /** Those that were left out; null where it is not said which. */
  omittedOrgs: readonly number[] | null
}

/**
 * One identity provider. Throws `provider-unavailable` where it does not answer, `login-failed` where it does not convince,
 * `account-not-allowed` where it convinces and the hub's configuration lets somebody else in.
 */
export type IdentityProvider = {
  readonly id: ProviderId
  readonly name: string
  /** Whether it asks for `offline_access`, which some people may not give. */
  readonly asksForOffline?: boolean
  createAuthorizationUrl(request: AuthorizationRequest): Promise<URL>
  redeem(response: AuthorizationResponse): Promise<ProvenIdentity>
  /**
   * Looks groups up without the person. Throws `AccessWithdrawn` and `TokenUnchanged` too, and takes nothing that is not this
   * identity's.
   */
  readGroups(request: GroupsRequest): Promise<LookedUpGroups>
  /** Where the browser ends the provider's own session; null where the provider has no such page. */
  createLogoutUrl?(options: { idToken: string | null; returnTo: string }): Promise<URL | null>
  /** Throws `logout-token-invalid`, `provider-unavailable`. */
  verifyLogoutToken?(token: string): Promise<VerifiedLogoutToken>
}
