import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod'
import { AppError } from '#errors'
import { fetchJson, providerTimeoutMs } from './bounded-fetch.ts'

const freshMs = 10 * 60 * 1000

const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  end_session_endpoint: z.url().optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
  scopes_supported: z.array(z.string()).optional(),
})

export type ProviderMetadata = {
  authorizationEndpoint: string
  tokenEndpoint: string
  endSessionEndpoint: string | null
  /** RFC 9207: the provider always names itself in the callback. */
  namesIssuer: boolean
  scopes: readonly string[] | null
  getKey: JWTVerifyGetKey
}

/**
 * Reads the issuer's metadata (OpenID Connect Discovery 1.0 §4), once for concurrent callers, and again after ten
 * minutes; while the provider is down the last one serves.
 */
export function createDiscovery(options: {
  issuer: string
  fetch: typeof fetch
  now: () => Date
}): () => Promise<ProviderMetadata> {
  let current: { metadata: ProviderMetadata; readAt: number } | undefined
  let reading: Promise<ProviderMetadata> | undefined

  async function read(): Promise<ProviderMetadata> {
    const metadata = await discover(options.issuer, options.fetch)
    current = { metadata, readAt: options.now().getTime() }
    return metadata
  }

  return async () => {
    if (current && options.now().getTime() - current.readAt < freshMs) return current.metadata
    reading ??= read().finally(() => (reading = undefined))
    try {
      return await reading
    } catch (error) {
      if (current) return current.metadata
      throw error
    }
  }
}

async function discover(issuer: string, fetchImpl: typeof fetch): Promise<ProviderMetadata> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const parsed = Metadata.safeParse(await fetchJson(fetchImpl, url, 'discovery document'))
  if (!parsed.success) {
    throw misconfigured(`its discovery document lacks ${z.prettifyError(parsed.error)}`)
  }
  const document = parsed.data
  // OpenID Connect Discovery 1.0 §4.3: byte for byte, or another issuer could answer for this one.
  if (document.issuer !== issuer) {
    throw misconfigured(
      `it calls itself "${document.issuer}", not "${issuer}"; set OIDC_PROVIDER_ISSUER to what it says if that is the one`,
    )
  }
  for (const endpoint of [
    document.authorization_endpoint,
    document.token_endpoint,
    document.jwks_uri,
  ]) {
    if (issuer.startsWith('https:') && !endpoint.startsWith('https:')) {
      throw misconfigured('one of its endpoints does not use https')
    }
  }
  return {
    authorizationEndpoint: document.authorization_endpoint,
    tokenEndpoint: document.token_endpoint,
    endSessionEndpoint: document.end_session_endpoint ?? null,
    namesIssuer: document.authorization_response_iss_parameter_supported ?? false,
    scopes: document.scopes_supported ?? null,
    getKey: createRemoteJWKSet(new URL(document.jwks_uri), {
      timeoutDuration: providerTimeoutMs,
      [customFetch]: fetchImpl,
    }),
  }
}

function misconfigured(reason: string): AppError {
  return new AppError('provider-unavailable', {
    detail:
      'The identity provider is not set up as the hub expects. Tell an administrator: the log has the reason.',
    cause: new Error(`OpenID provider: ${reason}`),
  })
}
