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

export type CodeExchange = {
  fetch: typeof fetch
  tokenEndpoint: string
  clientId: string
  clientSecret: string | null
  secretInBody: boolean
  response: AuthorizationResponse
}

/**
 * Redeems a code (RFC 6749 §4.1.3). arctic reads the answer; the request is our own, because arctic's follows redirects
 * with the secret in it and knows no bound. Throws `login-failed`, `provider-unavailable`.
 */
export async function redeemCode(exchange: CodeExchange): Promise<OAuth2Tokens> {
  const { clientId, clientSecret, fetch, response, secretInBody, tokenEndpoint } = exchange
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: response.code,
    redirect_uri: response.redirectUri,
    code_verifier: response.codeVerifier,
  })
  const inHeader = clientSecret !== null && !secretInBody
  if (!inHeader) form.set('client_id', clientId)
  if (clientSecret !== null && secretInBody) form.set('client_secret', clientSecret)
  const what = 'token endpoint'
  const answer = await askProvider(fetch, {
    url: tokenEndpoint,
    what,
    form,
    signal: response.signal,
    ...(inHeader && { headers: { authorization: basic(clientId, clientSecret) } }),
  })
  const { body, status } = answer
  const isClientFault = status === 400 || status === 401 || status === 403
  if (typeof body !== 'object' || body === null || !(status === 200 || isClientFault)) {
    throw providerUnavailable(what, new Error(`status ${status}`))
  }
  // GitHub says with status 200 what went wrong.
  if ('error' in body) throw describeError(body)
  if (status !== 200) throw providerUnavailable(what, new Error(`status ${status}`))
  return new OAuth2Tokens(body)
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
