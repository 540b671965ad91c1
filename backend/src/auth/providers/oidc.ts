import {
  ArcticFetchError,
  CodeChallengeMethod,
  OAuth2Client,
  OAuth2RequestError,
  UnexpectedErrorResponseBodyError,
  UnexpectedResponseError,
} from 'arctic'
import { errors as joseErrors, jwtVerify, type JWTPayload } from 'jose'
import type { Config } from '#config'
import { AppError } from '#errors'
import type { ProvenIdentity } from '#users'
import { providerTimeoutMs, providerUnavailable } from './bounded-fetch.ts'
import { createDiscovery, type ProviderMetadata } from './oidc-discovery.ts'
import type { AuthorizationResponse, IdentityProvider, VerifiedLogoutToken } from './provider.ts'

const scopes = ['openid', 'profile', 'email']
const clockToleranceSeconds = 5

// RFC 8725 §3.1: only asymmetric algorithms, so that the client secret or a public key can never sign.
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

export type OidcProviderOptions = {
  config: NonNullable<Config['oidc']>
  fetch: typeof fetch
  now: () => Date
}

/** Any OpenID provider with discovery: code flow with PKCE and nonce, id_token verified (OpenID Connect Core 1.0 §3.1.3.7). */
export function createOidcProvider({ config, fetch, now }: OidcProviderOptions): IdentityProvider {
  const discover = createDiscovery({ issuer: config.issuer, fetch, now })

  return {
    id: 'oidc',
    name: config.name,

    async createAuthorizationUrl(request) {
      const metadata = await discover()
      const client = new OAuth2Client(config.clientId, null, request.redirectUri)
      const url = client.createAuthorizationURLWithPKCE(
        metadata.authorizationEndpoint,
        request.state,
        CodeChallengeMethod.S256,
        request.codeVerifier,
        scopes.filter((scope) => scope === 'openid' || metadata.scopes?.includes(scope) !== false),
      )
      url.searchParams.set('nonce', request.nonce)
      if (request.forceLogin) url.searchParams.set('prompt', 'login')
      return url
    },

    async redeem(response) {
      const metadata = await discover()
      checkIssuerOfResponse(metadata, config.issuer, response.iss)
      const idToken = await redeemCode(metadata, config, response)
      const claims = await verifyIdToken(metadata, config, idToken, response.nonce, now())
      return presentIdentity(config.issuer, claims, idToken, now())
    },

    async createLogoutUrl({ idToken, returnTo }) {
      const { endSessionEndpoint } = await discover()
      if (endSessionEndpoint === null) return null
      const url = new URL(endSessionEndpoint)
      url.searchParams.set('client_id', config.clientId)
      url.searchParams.set('post_logout_redirect_uri', returnTo)
      if (idToken !== null) url.searchParams.set('id_token_hint', idToken)
      return url
    },

    async verifyLogoutToken(token) {
      return verifyLogoutToken(await discover(), config, token, now())
    },
  }
}

// RFC 9207 §2.4
function checkIssuerOfResponse(
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

async function redeemCode(
  metadata: ProviderMetadata,
  config: OidcProviderOptions['config'],
  response: AuthorizationResponse,
): Promise<string> {
  const { clientId, clientSecret } = config
  // RFC 6749 §2.3.1: both halves of Basic credentials are form-urlencoded, which arctic leaves to its caller.
  const client =
    clientSecret === null
      ? new OAuth2Client(clientId, null, response.redirectUri)
      : new OAuth2Client(formEncode(clientId), formEncode(clientSecret), response.redirectUri)
  try {
    const tokens = await withDeadline(
      client.validateAuthorizationCode(
        metadata.tokenEndpoint,
        response.code,
        response.codeVerifier,
      ),
      response.signal,
    )
    return tokens.idToken()
  } catch (cause) {
    throw describeRedeemError(cause)
  }
}

function formEncode(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2)
}

// arctic has no timeout of its own.
async function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(2 * providerTimeoutMs)])
  const expired = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new TokenTimeout()), { once: true })
  })
  return Promise.race([work, expired])
}

class TokenTimeout extends Error {}

function describeRedeemError(cause: unknown): AppError {
  if (cause instanceof OAuth2RequestError) {
    // The provider's words stay in the log; a wrong client secret is for the operator, a used code for the person.
    const reason = new Error(`token endpoint: ${cause.code} ${cause.description ?? ''}`.trim())
    return cause.code === 'invalid_grant'
      ? new AppError('login-failed', {
          detail: 'The identity provider did not accept this sign-in any more. Start again.',
          cause: reason,
        })
      : new AppError('login-failed', {
          detail:
            'The identity provider refused the hub. Tell an administrator: the log has the reason.',
          cause: reason,
        })
  }
  if (
    cause instanceof TokenTimeout ||
    cause instanceof ArcticFetchError ||
    cause instanceof UnexpectedResponseError ||
    cause instanceof UnexpectedErrorResponseBodyError
  ) {
    return providerUnavailable('token endpoint', cause)
  }
  return new AppError('login-failed', {
    detail: 'The identity provider answered without an id_token. Tell an administrator.',
    cause,
  })
}

async function verifyIdToken(
  metadata: ProviderMetadata,
  config: OidcProviderOptions['config'],
  idToken: string,
  nonce: string,
  currentDate: Date,
): Promise<JWTPayload & { sub: string }> {
  try {
    const { payload } = await jwtVerify(idToken, metadata.getKey, {
      issuer: config.issuer,
      audience: config.clientId,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: '10m',
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
      currentDate,
    })
    if (payload['nonce'] !== nonce) throw new Error("the nonce is another sign-in's")
    const audiences = Array.isArray(payload.aud) ? payload.aud : [payload.aud]
    const { azp } = payload
    if ((audiences.length > 1 || azp !== undefined) && azp !== config.clientId) {
      throw new Error('azp names another client')
    }
    if (typeof payload.sub !== 'string' || payload.sub === '') throw new Error('sub is empty')
    return { ...payload, sub: payload.sub }
  } catch (cause) {
    if (cause instanceof joseErrors.JWKSTimeout || isNetworkError(cause)) {
      throw providerUnavailable('signing keys', cause)
    }
    throw new AppError('login-failed', {
      detail:
        "The identity provider's answer could not be verified. Start again; if it stays, tell an administrator.",
      cause,
    })
  }
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

// OpenID Connect Back-Channel Logout 1.0 §2.6
async function verifyLogoutToken(
  metadata: ProviderMetadata,
  config: OidcProviderOptions['config'],
  token: string,
  currentDate: Date,
): Promise<VerifiedLogoutToken> {
  try {
    const { payload } = await jwtVerify(token, metadata.getKey, {
      issuer: config.issuer,
      audience: config.clientId,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: '10m',
      requiredClaims: ['iat', 'jti'],
      currentDate,
    })
    const { events, exp, iat, jti, nonce, sid, sub } = payload
    const event = (events as Record<string, unknown> | undefined)?.[logoutEvent]
    if (typeof event !== 'object' || event === null) throw new Error('it is about another event')
    if (nonce !== undefined) throw new Error('it has a nonce, as an id_token has')
    if (typeof sub !== 'string' && typeof sid !== 'string') throw new Error('no sub and no sid')
    return {
      issuer: config.issuer,
      subject: typeof sub === 'string' ? sub : null,
      sessionId: typeof sid === 'string' ? sid : null,
      id: `${config.issuer} ${jti}`,
      expiresAt: new Date((Math.min(exp ?? Infinity, iat! + 600) + clockToleranceSeconds) * 1000),
    }
  } catch (cause) {
    throw new AppError('login-failed', { detail: 'The logout token does not hold.', cause })
  }
}

function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed'
}

function presentIdentity(
  issuer: string,
  claims: JWTPayload & { sub: string },
  idToken: string,
  now: Date,
): ProvenIdentity {
  const text = (name: string) => {
    const value = claims[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 256) : null
  }
  const email = claims['email_verified'] === false ? null : text('email')
  return {
    provider: 'oidc',
    issuer,
    subject: claims.sub,
    principal: `oidc:${claims.sub}`,
    displayName: text('name') ?? text('preferred_username') ?? email ?? claims.sub,
    email,
    providerSessionId: text('sid'),
    idToken,
    authenticatedAt:
      typeof claims['auth_time'] === 'number' ? new Date(claims['auth_time'] * 1000) : now,
  }
}
