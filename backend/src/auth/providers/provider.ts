import type { ProviderId } from '@hub/shared'
import type { ProvenIdentity } from '#users'

type AuthorizationRequest = {
  state: string
  nonce: string
  codeVerifier: string
  redirectUri: string
  /** Ask again even if the provider remembers the person: somebody has just signed out here. */
  forceLogin: boolean
}

export type AuthorizationResponse = {
  code: string
  /** RFC 9207: which issuer says it sent the browser back. */
  iss: string | undefined
  nonce: string
  codeVerifier: string
  redirectUri: string
  signal: AbortSignal
}

/** One identity provider. Throws `provider-unavailable` where it does not answer, `login-failed` where it does not convince. */
export type IdentityProvider = {
  readonly id: ProviderId
  readonly name: string
  createAuthorizationUrl(request: AuthorizationRequest): Promise<URL>
  redeem(response: AuthorizationResponse): Promise<ProvenIdentity>
}
