import * as oidc from 'openid-client'
import { codeOf, Failure, messageOf } from '../failure.ts'
import type { Options } from '../flags/options.ts'

/** What the provider or the checks of its answer say, as a sentence with what to do. */
export async function explainFailure<T>(
  provider: Options['provider'],
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw toFailure(provider, error)
  }
}

/** The error code of the provider's answer, as `invalid_grant`; null where it gave none. */
export function answeredError(error: unknown): string | null {
  for (const each of causes(error)) {
    if (each instanceof oidc.ResponseBodyError || each instanceof oidc.AuthorizationResponseError) {
      return each.error
    }
  }
  return null
}

/** Whether the provider was reached, and answers what was asked another time. */
export function isBusy(error: unknown): boolean {
  return [...causes(error)].some(
    (each) =>
      each instanceof oidc.ResponseBodyError &&
      (each.status === 429 ||
        /^(temporarily_unavailable|server_error|slow_down)$/.test(each.error)),
  )
}

/** Whether the provider was not reached: it has said neither yes nor no. */
export function isUnreachable(error: unknown): boolean {
  return [...causes(error)].some((each) =>
    each instanceof Failure
      ? each.reason === 'unreachable'
      : each instanceof oidc.ClientError && each.code === 'OAUTH_TIMEOUT',
  )
}

function toFailure(provider: Options['provider'], error: unknown): Failure {
  const chain = [...causes(error)]
  const known = chain.find((each) => each instanceof Failure)
  if (known) return known
  for (const each of chain) {
    if (each instanceof oidc.ResponseBodyError || each instanceof oidc.AuthorizationResponseError) {
      return refused(provider, each.error, each.error_description, error)
    }
  }
  const code = chain.map(codeOf).find((each) => each?.startsWith('OAUTH_'))
  return new Failure(...readClientError(provider, code, chain), { cause: error })
}

function readClientError(
  { clientId, issuer }: Options['provider'],
  code: string | undefined,
  chain: readonly unknown[],
): ['unreachable' | 'bad-token' | 'timed-out' | 'internal', string] {
  const last = describeLast(chain)
  switch (code) {
    case 'OAUTH_TIMEOUT':
      return ['unreachable', `${issuer} does not answer: check the network.`]
    case 'OAUTH_ABORT':
      return ['timed-out', 'The sign-in took too long.']
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return [
        'bad-token',
        `The token's times do not fit this machine's clock (${last}): compare it with the provider's.`,
      ]
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return [
        'bad-token',
        `The ID token is for another sign-in, client or issuer than ${clientId} of ${issuer} (${last}).`,
      ]
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return [
        'unreachable',
        `${issuer} calls itself something else (${last}): write the issuer exactly as it does, with or without the last slash.`,
      ]
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
    case 'OAUTH_PARSE_ERROR':
      return [
        'unreachable',
        `${issuer} does not answer as an OpenID provider does (${last}): ${isBroken(chain.at(-1)) ? 'try again later' : 'check --oidc-issuer-url, and the network between'}; -v1 shows which address.`,
      ]
    case 'OAUTH_MISSING_SERVER_METADATA':
    case 'OAUTH_INVALID_SERVER_METADATA':
      return ['unreachable', `${issuer} does not say what this sign-in needs (${last}).`]
    case undefined:
      return ['internal', last]
    default:
      return ['bad-token', `The provider's answer does not hold (${last}, ${code}).`]
  }
}

/** What the last error says, and of which value; what hangs on it besides may be a token. */
function describeLast(chain: readonly unknown[]): string {
  const last = chain.at(-1)
  if (last instanceof Response) return describeAnswer(last)
  const said = messageOf(chain.findLast((each) => each instanceof Error) ?? 'an unknown reason')
  const { attribute, body, claim, claims } = Object(last) as Record<string, unknown>
  const name = [claim, attribute].find((each) => typeof each === 'string')
  // A nonce is this sign-in's own secret.
  if (name === undefined || name === 'nonce') return said
  const value = (Object(claims ?? body) as Record<string, unknown>)[name]
  return value === undefined ? said : `${said}: ${JSON.stringify(value).slice(0, 300)}`
}

/** What a proxy or a portal between makes of an answer, too. */
function describeAnswer({ headers, status }: Response): string {
  const [place] = (headers.get('location') ?? '').split('?')
  if (place) return `it answers ${status} and leads to ${place}`
  const [type] = (headers.get('content-type') ?? '').split(';')
  return `it answers ${status} with ${type || 'nothing'}`
}

function isBroken(cause: unknown): boolean {
  return cause instanceof Response && (cause.status >= 500 || cause.status === 429)
}

function refused(
  { clientId, clientSecret }: Options['provider'],
  code: string,
  description: string | undefined,
  cause: unknown,
): Failure {
  const said = description ? `${code}: ${description}` : code
  if (isBusy(cause)) {
    const sentence = `The provider cannot be asked now (${said}): try again later.`
    return new Failure('unreachable', sentence, { cause })
  }
  if (code === 'access_denied') {
    return new Failure('refused', `The sign-in was refused (${said}).`, { cause })
  }
  if (code === 'expired_token') {
    return new Failure('timed-out', 'The code was not entered in time: try again.', { cause })
  }
  if (/^(invalid_client|unauthorized_client)$/.test(code) || /client_secret/.test(said)) {
    const advice =
      clientSecret === null
        ? 'if it needs a secret, export OIDC_CLIENT_SECRET'
        : 'the secret is wrong, or this client must not have one: unset OIDC_CLIENT_SECRET'
    return new Failure(
      'refused',
      `The provider does not accept the client ${clientId} (${said}): ${advice}.`,
      { cause },
    )
  }
  return new Failure('refused', `The provider refused the sign-in (${said}).`, { cause })
}

function* causes(error: unknown): Generator {
  for (let each = error, depth = 0; each !== undefined && each !== null && depth < 8; depth += 1) {
    yield each
    each = (each as { cause?: unknown }).cause
  }
}
