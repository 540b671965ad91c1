import type { OidcConfig } from '#config'
import { AppError } from '#errors'
import type { Logger } from '#log'
import type { LastingTokens, ProvenIdentity } from '#people'
import {
  beforeRefresh,
  createAuthorizationRequest,
  pushAuthorizationRequest,
  redeemCode,
  refreshTokens,
} from './authorization-code.ts'
import { withinBudget } from './bounded-fetch.ts'
import { createClientAuth, type ClientAuth } from './client-auth.ts'
import { readAuthenticatedAt, readSessionId, requireIdToken, verifyIdToken } from './id-token.ts'
import { createEndSessionUrl, verifyLogoutToken } from './logout.ts'
import { completeClaims, presentGroups, presentProfile } from './oidc-claims.ts'
import { createDiscovery, type ProviderMetadata } from './oidc-discovery.ts'
import type { IdentityProvider } from './provider.ts'
import { readToken } from './read-token.ts'
import { readNextToken, readRefreshToken } from './refresh-token.ts'
import type { KeyDocuments } from './signing-keys.ts'

const profileScopes = ['profile', 'email']
const offlineScope = 'offline_access'

export type ProviderOptions<Config> = {
  config: Config
  fetch: typeof fetch
  now: () => Date
  /** By how much the provider's clock may differ. */
  leewaySeconds: number
  keyDocuments: KeyDocuments
  log?: Pick<Logger, 'info'>
}

/** Any OpenID provider with discovery: code flow with PKCE and nonce. */
export function createOidcProvider(options: ProviderOptions<OidcConfig>): IdentityProvider {
  const { config, fetch, keyDocuments, leewaySeconds, now } = options
  const clientAuth = createClientAuth({ ...options, ...config, method: config.clientAuth })
  const discover = createDiscovery({
    base: config.issuer,
    fetch,
    keyDocuments,
    now,
    // OpenID Connect Discovery 1.0 §4.3: byte for byte, or another issuer could answer for this one.
    faultOfIssuer: (issuer) =>
      issuer === config.issuer
        ? null
        : `it calls itself "${issuer}", not "${config.issuer}"; set OIDC_PROVIDER_ISSUER to what it says if that is the one`,
  })

  const context: OidcContext = { ...options, clientAuth, discover }

  return {
    id: 'oidc',
    name: config.name,
    asksForOffline: config.extraScopes.includes(offlineScope),
    createAuthorizationUrl: (request) => createAuthorizationUrl(context, request),
    redeem: (response) => redeem(context, response),
    readGroups: (known) => readGroups(context, known),
    createLogoutUrl: async (logout) =>
      createEndSessionUrl(await discover(), config.clientId, logout),
    async verifyLogoutToken(token) {
      const { clientId, issuer } = config
      return verifyLogoutToken(token, {
        metadata: await discover(),
        issuer,
        clientId,
        currentDate: now(),
        leewaySeconds,
      })
    },
  }
}

type OidcContext = ProviderOptions<OidcConfig> & {
  clientAuth: ClientAuth
  discover: () => Promise<ProviderMetadata>
}

type Asked<Verb extends 'createAuthorizationUrl' | 'redeem' | 'readGroups'> = Parameters<
  NonNullable<IdentityProvider[Verb]>
>[0]

async function createAuthorizationUrl(
  { clientAuth, config, discover, fetch }: OidcContext,
  request: Asked<'createAuthorizationUrl'>,
): Promise<URL> {
  const metadata = await discover()
  const url = createAuthorizationRequest(
    metadata.authorizationEndpoint,
    config.clientId,
    request,
    scopesFor(metadata, config, request.withoutOffline),
  )
  url.searchParams.set('nonce', request.nonce)
  if (request.forceLogin) {
    const prompt = promptFor(metadata)
    url.searchParams.set('prompt', prompt)
    if (prompt === 'login') url.searchParams.set('max_age', '0')
  }
  const { pushEndpoint } = metadata
  if (pushEndpoint === null) return url
  return pushAuthorizationRequest({
    authorizationEndpoint: metadata.authorizationEndpoint,
    clientAuth,
    clientId: config.clientId,
    fetch,
    provider: metadata,
    pushEndpoint,
    request: url,
  })
}

async function redeem(context: OidcContext, response: Asked<'redeem'>) {
  const { clientAuth, config, discover, fetch, leewaySeconds, now } = context
  const metadata = await withinBudget(discover(), response.signal, 'discovery document')
  checkIssuerOfResponse(metadata, config.issuer, response.iss)
  const tokens = await redeemCode({ clientAuth, fetch, provider: metadata, response })
  const idToken = requireIdToken(tokens)
  const claims = await verifyIdToken({
    idToken,
    getKey: metadata.getKey,
    issuer: config.issuer,
    clientId: config.clientId,
    response,
    currentDate: now(),
    leewaySeconds,
  })
  const completed = await completeClaims(claims, {
    ...config,
    metadata,
    fetch,
    accessToken: readToken(tokens.data, 'access_token'),
    currentDate: now(),
    leewaySeconds,
    signal: response.signal,
  })
  const sessionId = readSessionId(claims)
  const asked = scopesFor(metadata, config)
  return {
    ...presentProfile(config.issuer, completed),
    ...presentGroups(config, completed),
    clientId: config.clientId,
    providerSessionId: sessionId,
    idToken,
    authenticatedAt: readAuthenticatedAt(claims, now()),
    // What the person may not give is not to be had by another way either.
    ...(response.withoutOffline
      ? { tokens: null, forgetsTokens: true }
      : { tokens: readRefreshToken(tokens.data, { asked, sessionId, now: now() }) }),
  }
}

async function readGroups(context: OidcContext, { identity, signal, tokens }: Asked<'readGroups'>) {
  const { clientAuth, config, discover, fetch, leewaySeconds, now } = context
  const kept = requireRefreshToken(tokens)
  const { refreshToken } = kept
  const metadata = await beforeRefresh(withinBudget(discover(), signal, 'discovery document'))
  const given = await refreshTokens({
    clientAuth,
    fetch,
    provider: metadata,
    refreshToken,
    signal,
  })
  const idToken = readToken(given.data, 'id_token')
  const accessToken = readToken(given.data, 'access_token')
  const fresh = { idToken, accessToken }
  const next = readNextToken(given.data, kept, now())
  const claims =
    idToken === null
      ? { sub: identity.subject }
      : await verifyIdToken({
          idToken,
          getKey: metadata.getKey,
          issuer: config.issuer,
          clientId: config.clientId,
          response: { nonce: null, authenticatedAfter: null, signal },
          currentDate: now(),
          leewaySeconds,
        })
  // OpenID Connect Core 1.0 §12.2
  requireSame(identity, { issuer: config.issuer, subject: claims.sub })
  const endpoint = metadata.userinfoEndpoint
  if (idToken === null && (endpoint === null || accessToken === null)) {
    const reason = new Error('a refresh gives no id_token, and there is no UserInfo endpoint')
    return {
      proven: { groupsState: 'unknown' as const, groups: null, reason },
      tokens: next,
      fresh,
    }
  }
  const completed = await completeClaims(claims, {
    ...config,
    metadata,
    fetch,
    accessToken,
    currentDate: now(),
    leewaySeconds,
    signal,
  })
  return { proven: presentGroups(config, completed), tokens: next, fresh }
}

function scopesFor(
  metadata: ProviderMetadata,
  config: OidcConfig,
  withoutOffline = false,
): string[] {
  const known = profileScopes.filter((scope) => metadata.scopes?.includes(scope) !== false)
  // What the operator asks for is asked for: not every provider lists all its scopes.
  const scopes = new Set(['openid', ...known, ...config.extraScopes])
  if (withoutOffline) scopes.delete(offlineScope)
  return [...scopes]
}

// Google refuses `prompt=login` and does not say so in its metadata.
function promptFor(metadata: ProviderMetadata): 'login' | 'select_account' {
  const takesLogin = metadata.prompts
    ? metadata.prompts.includes('login')
    : metadata.issuer !== 'https://accounts.google.com'
  return takesLogin ? 'login' : 'select_account'
}

// RFC 9207 §2.4
export function checkIssuerOfResponse(
  metadata: ProviderMetadata,
  issuer: string,
  iss: string | undefined,
): void {
  if (iss === undefined ? !metadata.namesIssuer : iss === issuer) return
  throw new AppError('login-expired', {
    detail:
      'The answer did not come from the identity provider that this sign-in began with. Start again.',
    cause: new Error(`callback iss ${iss === undefined ? 'is missing' : 'names another issuer'}`),
  })
}

/** Throws where a token of another kind was kept. */
export function requireRefreshToken(
  tokens: LastingTokens,
): Extract<LastingTokens, { refreshToken: string }> {
  if ('refreshToken' in tokens) return tokens
  throw new Error('what was kept is no refresh token')
}

/** Throws where a refresh token gave what is another person's: nothing of it is taken then. */
export function requireSame(
  expected: Pick<ProvenIdentity, 'issuer' | 'subject'>,
  found: Pick<ProvenIdentity, 'issuer' | 'subject'>,
): void {
  if (expected.issuer === found.issuer && expected.subject === found.subject) return
  throw new Error("what the provider gave for a token is another person's")
}
