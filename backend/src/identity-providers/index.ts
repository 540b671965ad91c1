export {
  AccessWithdrawn,
  isOfflineRefusal,
  OfflineRefused,
  TokenUnchanged,
} from './authorization-code.ts'
export { askAsClient, type Client } from './ask-as-client.ts'
export {
  askProvider,
  type ProviderAnswer,
  fetchDocument,
  providerUnavailable,
  signInTimeoutMs,
} from './bounded-fetch.ts'
export { cleanText } from './clean-text.ts'
export { createClientAuth } from './client-auth.ts'
export type { TakenProofs } from './client-proof.ts'
export { createProviders } from './create-providers.ts'
export type { ProviderDeps } from './deps.ts'
export { discoveryUrlOf } from './discovery-url.ts'
export { getProvider } from './get-provider.ts'
export { algorithms } from './id-token.ts'
export { isEndpointAllowed } from './is-endpoint-allowed.ts'
export { keepDocument, type KeptDocument } from './kept-document.ts'
export type { FreshTokens, IdentityProvider, KnownOrgs, VerifiedLogoutToken } from './provider.ts'
export {
  createKeyDocuments,
  createSigningKeys,
  type KeyDocuments,
  type SigningKeys,
} from './signing-keys.ts'
export { pushRequest } from './push-request.ts'
export { hasError } from './read-token.ts'
export { findSubjectFault } from './subject.ts'
export { verifyJwt } from './verify-jwt.ts'
