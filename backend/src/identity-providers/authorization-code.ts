import { CodeChallengeMethod, OAuth2Client, OAuth2Tokens } from 'arctic'
import { AppError } from '#errors'
import { askAsClient, type Client } from './ask-as-client.ts'
import { isUnsent, providerUnavailable } from './bounded-fetch.ts'
import { ProofFault } from './client-assertion.ts'
import type { AuthorizationRequest, AuthorizationResponse } from './provider.ts'
import { pushRequest } from './push-request.ts'
import { hasError } from './read-token.ts'

/** The authorization request of RFC 6749 §4.1.1, with PKCE S256 always (RFC 7636). */
export function createAuthorizationRequest(
  endpoint: string,
  clientId: string,
  request: AuthorizationRequest,
  scopes: string[],
): URL {
  return new OAuth2Client(clientId, null, request.redirectUri).createAuthorizationURLWithPKCE(
    endpoint,
    request.state,
    CodeChallengeMethod.S256,
    request.codeVerifier,
    scopes,
  )
}

/** As a provider that takes no other request is asked: see `pushRequest`. Throws `login-failed` and `provider-unavailable`. */
export async function pushAuthorizationRequest({
  pushEndpoint: url,
  ...options
}: Client & {
  authorizationEndpoint: string
  clientId: string
  pushEndpoint: string
  request: URL
}): Promise<URL> {
  const what = 'endpoint for pushed requests'
  const pushed = await pushRequest({
    ...options,
    push: async (form) => ({ body: await askEndpoint(options, { url, what, form }) }),
  })
  if (hasError(pushed.answer.body)) throw describeError(pushed.answer.body, what)
  if (pushed.url === null) throw providerUnavailable(what, new Error('it gives no request_uri'))
  return pushed.url
}

type CodeExchange = Client & { response: AuthorizationResponse }

/**
 * Redeems a code (RFC 6749 §4.1.3). arctic reads the answer; the request is our own, because arctic's follows redirects
 * with the secret in it and knows no bound. Throws `login-failed`, also as `OfflineRefused`, and `provider-unavailable`.
 */
export async function redeemCode(exchange: CodeExchange): Promise<OAuth2Tokens> {
  const { response } = exchange
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: response.code,
    redirect_uri: response.redirectUri,
    code_verifier: response.codeVerifier,
  })
  const body = await askEndpoint(exchange, { form, signal: response.signal })
  if (!hasError(body)) return new OAuth2Tokens(body)
  const failure = describeError(body)
  throw isOfflineRefusal(body.error) ? new OfflineRefused(failure) : failure
}

/** Some scope was refused, which may be `offline_access`: nothing but asking without it tells. */
export class OfflineRefused extends AppError {
  constructor({ cause, code, detail }: AppError) {
    super(code, { cause, detail })
    this.name = 'OfflineRefused'
  }
}

/** `not_allowed` is Keycloak's, for people without the role of that name; `invalid_scope` of RFC 6749 says it of clients. */
export function isOfflineRefusal(error: unknown): boolean {
  return error === 'not_allowed' || error === 'invalid_scope'
}

/** The provider took back what it gave: it does not vouch for the person any more, until they sign in again. */
export class AccessWithdrawn extends Error {
  /** As the provider's code says, for administrators; never its prose. */
  readonly reason: string

  constructor(reason: string, cause: unknown) {
    super(`the provider no longer accepts the token: ${reason}`, { cause })
    this.name = 'AccessWithdrawn'
    this.reason = reason
  }
}

/** A look-up failed before the provider gave anything instead of the token: that one is what it was. */
export class TokenUnchanged extends AppError {
  constructor({ cause, code, detail }: AppError) {
    super(code, { cause, detail })
    this.name = 'TokenUnchanged'
  }
}

/**
 * Gets new tokens for a refresh token (RFC 6749 §6), without `scope` for the same ones as before. Throws `AccessWithdrawn`
 * where it is good no more, `TokenUnchanged` where it is what it was, `provider-unavailable` where nobody knows.
 */
export async function refreshTokens(
  exchange: Client & { refreshToken: string; scope?: string; signal: AbortSignal },
): Promise<OAuth2Tokens> {
  const { refreshToken, scope, signal } = exchange
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    ...(scope !== undefined && { scope }),
  })
  const body = await askEndpoint(exchange, { form, signal }).catch((error: unknown) => {
    const isKnown = error instanceof AppError && (isAnswerless(error) || isUnsent(error))
    throw isKnown ? new TokenUnchanged(error) : error
  })
  if (!hasError(body)) return new OAuth2Tokens(body)
  const failure = describeError(body)
  const reason = readWithdrawal(body)
  throw reason === null ? new TokenUnchanged(failure) : new AccessWithdrawn(reason, failure.cause)
}

/** What goes before the request to the token endpoint changes no token. */
export async function beforeRefresh<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof AppError ? new TokenUnchanged(error) : error
  }
}

/** Entra says `invalid_grant` too where it wants more of the person, or of their device or place, than a look-up can show. */
const wantsMore = {
  suberrors: new Set([
    'basic_action',
    'additional_action',
    'message_only',
    'consent_required',
    'user_password_expired',
    'protection_policy_required',
    'device_authentication_failed',
    'client_mismatch',
  ]),
  codes: new Set([
    50055, 50072, 50074, 50076, 50078, 50079, 50158, 53000, 53001, 53002, 53003, 53004, 65001,
  ]),
}

/** The definite no of RFC 6749 §5.2: expired, revoked, or of somebody who is disabled or gone. Null for everything else. */
function readWithdrawal(body: object): string | null {
  const { error, error_codes: errorCodes, suberror } = body as Record<string, unknown>
  if (error !== 'invalid_grant') return null
  const codes = Array.isArray(errorCodes)
    ? errorCodes.filter((code) => Number.isSafeInteger(code)).map(Number)
    : []
  if (typeof suberror === 'string' && wantsMore.suberrors.has(suberror)) return null
  if (codes.some((code) => wantsMore.codes.has(code))) return null
  return ['invalid_grant', ...codes.slice(0, 5).map((code) => `AADSTS${code}`)].join(' ')
}

/** The token endpoint, unless another one is named that the client proves itself to in the same way. */
async function askEndpoint(
  client: Client,
  request: { form: URLSearchParams; signal?: AbortSignal; url?: string; what?: string },
): Promise<object> {
  const { what = 'token endpoint' } = request
  const { body, status } = await askAsClient(client, {
    url: client.provider.tokenEndpoint,
    ...request,
    what,
  })
  // A request that is taken in advance is one more there: 201 (RFC 9126 §2.2).
  const isGood = status === 200 || status === 201
  const isClientFault = status === 400 || status === 401 || status === 403
  if (typeof body !== 'object' || body === null || !(isGood || isClientFault)) {
    throw providerUnavailable(what, new StatusFault(status))
  }
  // GitHub says with status 200 what went wrong.
  if (!isGood && !hasError(body)) {
    throw providerUnavailable(what, new StatusFault(status))
  }
  return body
}

/** It answered, and gave nothing. */
class StatusFault extends Error {
  constructor(status: number) {
    super(`status ${status}`)
    this.name = 'StatusFault'
  }
}

/** Nothing was asked at all, or nothing given. */
function isAnswerless({ cause }: AppError): boolean {
  return cause instanceof StatusFault || cause instanceof ProofFault
}

const usedCode = new Set(['invalid_grant', 'bad_verification_code'])

// The provider's words stay in the log; a wrong client secret is for the operator, a used code for the person.
function describeError(body: object, what = 'token endpoint'): AppError {
  const text = (name: string) => {
    const value = (body as Record<string, unknown>)[name]
    return typeof value === 'string' ? value.slice(0, 512) : ''
  }
  const error = text('error')
  const cause = new Error(`${what}: ${error} ${text('error_description')}`.trim())
  return new AppError('login-failed', {
    detail: usedCode.has(error)
      ? 'The identity provider no longer accepts this sign-in. Start again.'
      : 'The identity provider refused the hub. Tell an administrator: the log has the reason.',
    cause,
  })
}
