import { CodeChallengeMethod, OAuth2Client, OAuth2Tokens } from 'arctic'
import { AppError } from '#errors'
import { askProvider, providerUnavailable } from './bounded-fetch.ts'
import type { AuthorizationRequest, AuthorizationResponse } from './provider.ts'

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

type TokenEndpoint = {
  fetch: typeof fetch
  tokenEndpoint: string
  clientId: string
  clientSecret: string | null
  secretInBody: boolean
}

export type CodeExchange = TokenEndpoint & { response: AuthorizationResponse }

/**
 * Redeems a code (RFC 6749 §4.1.3). arctic reads the answer; the request is our own, because arctic's follows redirects
 * with the secret in it and knows no bound. Throws `login-failed`, `provider-unavailable`.
 */
export async function redeemCode(exchange: CodeExchange): Promise<OAuth2Tokens> {
  const { response } = exchange
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: response.code,
    redirect_uri: response.redirectUri,
    code_verifier: response.codeVerifier,
  })
  const body = await askTokenEndpoint(exchange, form, response.signal)
  if ('error' in body) throw describeError(body)
  return new OAuth2Tokens(body)
}

/** The provider took back what it gave: asking with this token again is of no use. */
export class AccessWithdrawn extends Error {
  constructor(cause: unknown) {
    super('the provider does not take the token any more', { cause })
    this.name = 'AccessWithdrawn'
  }
}

/**
 * Gets new tokens for a refresh token (RFC 6749 §6), without `scope` for the same ones as before. Throws `AccessWithdrawn`
 * where it is good no more, `login-failed`, `provider-unavailable`.
 */
export async function refreshTokens(
  exchange: TokenEndpoint & { refreshToken: string; scope?: string; signal: AbortSignal },
): Promise<OAuth2Tokens> {
  const { refreshToken, scope, signal } = exchange
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    ...(scope !== undefined && { scope }),
  })
  const body = await askTokenEndpoint(exchange, form, signal)
  if (!('error' in body)) return new OAuth2Tokens(body)
  const failure = describeError(body)
  throw body.error === 'invalid_grant' ? new AccessWithdrawn(failure.cause) : failure
}

async function askTokenEndpoint(
  { clientId, clientSecret, fetch, secretInBody, tokenEndpoint }: TokenEndpoint,
  form: URLSearchParams,
  signal: AbortSignal,
): Promise<object> {
  const inHeader = clientSecret !== null && !secretInBody
  if (!inHeader) form.set('client_id', clientId)
  if (clientSecret !== null && secretInBody) form.set('client_secret', clientSecret)
  const what = 'token endpoint'
  const { body, status } = await askProvider(fetch, {
    url: tokenEndpoint,
    what,
    form,
    signal,
    ...(inHeader && { headers: { authorization: basic(clientId, clientSecret) } }),
  })
  const isClientFault = status === 400 || status === 401 || status === 403
  if (typeof body !== 'object' || body === null || !(status === 200 || isClientFault)) {
    throw providerUnavailable(what, new Error(`status ${status}`))
  }
  // GitHub says with status 200 what went wrong.
  if (status !== 200 && !('error' in body)) {
    throw providerUnavailable(what, new Error(`status ${status}`))
  }
  return body
}

// RFC 6749 §2.3.1: both halves are form-urlencoded.
function basic(clientId: string, clientSecret: string): string {
  const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function formEncode(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2)
}

const usedCode = new Set(['invalid_grant', 'bad_verification_code'])

// The provider's words stay in the log; a wrong client secret is for the operator, a used code for the person.
function describeError(body: object): AppError {
  const text = (name: string) => {
    const value = (body as Record<string, unknown>)[name]
    return typeof value === 'string' ? value.slice(0, 512) : ''
  }
  const error = text('error')
  const cause = new Error(`token endpoint: ${error} ${text('error_description')}`.trim())
  return new AppError('login-failed', {
    detail: usedCode.has(error)
      ? 'The identity provider did not accept this sign-in any more. Start again.'
      : 'The identity provider refused the hub. Tell an administrator: the log has the reason.',
    cause,
  })
}
