import type { ClientAuthMethod, ClientCredential } from '#config'
import type { Logger } from '#log'

/** What a request carries so that the provider knows whose it is; an assertion is for one request alone. */
export type ClientProof = {
  /** Null for a public client, which only says its name. */
  method: ClientAuthMethod | null
  form: Record<string, string>
  headers?: Record<string, string>
}

/** What a provider's metadata say of how clients prove who they are; null where they say nothing. */
export type TakenProofs = {
  issuer: string
  tokenEndpoint: string
  authMethods: readonly string[] | null
  authAlgorithms: readonly string[] | null
}

export type ClientAuthOptions = {
  clientId: string
  /** Null for a public client. */
  credential: ClientCredential | null
  /** `auto` asks the metadata. Without it a secret is shown by what they say, and an assertion whatever they say. */
  method?: ClientAuthMethod | 'auto'
  assertionAudience?: 'issuer' | 'token_endpoint'
  now: () => Date
  log?: Pick<Logger, 'info'>
}
