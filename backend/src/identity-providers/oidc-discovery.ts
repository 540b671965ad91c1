import type { JWK } from 'jose'
import * as z from 'zod'
import { AppError } from '#errors'
import { fetchDocument } from './bounded-fetch.ts'
import type { TakenProofs } from './client-proof.ts'
import { discoveryUrlOf } from './discovery-url.ts'
import { isEndpointAllowed } from './is-endpoint-allowed.ts'
import { keepDocument } from './kept-document.ts'
import { createSigningKeys, type KeyDocuments, type SigningKeys } from './signing-keys.ts'

const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  authorization_response_iss_parameter_supported: z.boolean().nullish(),
  require_pushed_authorization_requests: z.boolean().nullish().catch(undefined),
  // What is empty or odd here does without: nobody's sign-in hangs on it.
  userinfo_endpoint: z.url().optional().catch(undefined),
  end_session_endpoint: z.url().optional().catch(undefined),
  pushed_authorization_request_endpoint: z.url().optional().catch(undefined),
  scopes_supported: z.array(z.string()).optional().catch(undefined),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional().catch(undefined),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()).optional().catch(undefined),
  prompt_values_supported: z.array(z.string()).optional().catch(undefined),
})

/** `issuer` is as the document spells it: Entra has `{tenantid}` in it where several tenants sign in. */
export type ProviderMetadata = TakenProofs & {
  authorizationEndpoint: string
  userinfoEndpoint: string | null
  endSessionEndpoint: string | null
  /** Where authorization requests go beforehand (RFC 9126 §5); null where the provider takes them from browsers too. */
  pushEndpoint: string | null
  /** RFC 9207: the provider always names itself in the callback. */
  namesIssuer: boolean
  scopes: readonly string[] | null
  prompts: readonly string[] | null
  getKey: SigningKeys
}

type DiscoveryOptions = {
  /** Where the document is: this and the well-known path. */
  base: string
  /** What is wrong with the issuer that the document names; null where it is the one. */
  faultOfIssuer: (issuer: string) => string | null
  isKeyFor?: (key: JWK, claims: Record<string, unknown>) => boolean
  keyDocuments: KeyDocuments
  fetch: typeof fetch
  now: () => Date
}

/** Reads the issuer's metadata (OpenID Connect Discovery 1.0 §4), and keeps it. Throws `provider-unavailable`. */
export function createDiscovery(options: DiscoveryOptions): () => Promise<ProviderMetadata> {
  const { base, faultOfIssuer, fetch, now } = options
  const url = discoveryUrlOf(base)
  // Kept beside the document, or reading it again would lose the keys.
  let keys: { url: string; getKey: SigningKeys } | undefined

  const getKeyFrom = (keysUrl: string) => {
    if (keys?.url !== keysUrl) {
      keys = {
        url: keysUrl,
        getKey: createSigningKeys({ ...options, documents: options.keyDocuments, url: keysUrl }),
      }
    }
    return keys.getKey
  }

  const document = keepDocument({
    now,
    async read(): Promise<ProviderMetadata> {
      const json = await fetchDocument(fetch, { url, what: 'discovery document' })
      const parsed = Metadata.safeParse(json)
      if (!parsed.success) {
        throw misconfigured(`its discovery document lacks ${z.prettifyError(parsed.error)}`)
      }
      const fault = faultOfIssuer(parsed.data.issuer) ?? faultOfEndpoints(base, parsed.data)
      if (fault !== null) throw misconfigured(fault)
      return present(parsed.data, getKeyFrom(parsed.data.jwks_uri))
    },
  })
  return document.get
}

function faultOfEndpoints(base: string, document: z.infer<typeof Metadata>): string | null {
  const endpoints = [
    document.authorization_endpoint,
    document.token_endpoint,
    document.jwks_uri,
    document.userinfo_endpoint,
    document.end_session_endpoint,
    pushEndpointOf(document),
  ]
  const odd = endpoints.find((endpoint) => endpoint && !isEndpointAllowed(base, endpoint))
  return odd === undefined
    ? null
    : `its endpoint ${odd} does not use https${base.startsWith('http:') ? ', and is not where the issuer is' : ''}`
}

function pushEndpointOf(document: z.infer<typeof Metadata>): string | null {
  if (!document.require_pushed_authorization_requests) return null
  return document.pushed_authorization_request_endpoint ?? null
}

function present(document: z.infer<typeof Metadata>, getKey: SigningKeys): ProviderMetadata {
  return {
    issuer: document.issuer,
    authorizationEndpoint: document.authorization_endpoint,
    tokenEndpoint: document.token_endpoint,
    userinfoEndpoint: document.userinfo_endpoint ?? null,
    endSessionEndpoint: document.end_session_endpoint ?? null,
    pushEndpoint: pushEndpointOf(document),
    namesIssuer: document.authorization_response_iss_parameter_supported ?? false,
    scopes: document.scopes_supported ?? null,
    prompts: document.prompt_values_supported ?? null,
    authMethods: document.token_endpoint_auth_methods_supported ?? null,
    authAlgorithms: document.token_endpoint_auth_signing_alg_values_supported ?? null,
    getKey,
  }
}

function misconfigured(reason: string): AppError {
  return new AppError('provider-unavailable', {
    detail:
      'The identity provider is not set up as the hub expects. Tell an administrator: the log has the reason.',
    cause: new Error(`OpenID provider: ${reason}`),
  })
}
