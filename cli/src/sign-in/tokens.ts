import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { Entry } from '../cache/entry.ts'
import { Failure } from '../failure.ts'
import type { Options } from '../flags/options.ts'
import { readClaims } from './claims.ts'

export type TokenAnswer = TokenEndpointResponse & TokenEndpointResponseHelpers

/** How long a token is taken to be good whose end nobody names. */
const unknownLifetimeSeconds = 300
/** RFC 3339, by which kubectl is told, has years of four digits; some providers write `exp` in milliseconds. */
const lastMs = Date.UTC(9999, 11, 31)

/** What to keep of the provider's checked answer. Throws `bad-token` where what was asked for is not in it. */
export function toEntry(
  answer: TokenAnswer,
  { issuer, clientId, useAccessToken }: Options['provider'],
  at: {
    now: number
    skewSeconds: number
    isForService?: boolean
    /** What there was before, and goes on where the answer has no other. */
    idToken?: string | null
    refreshToken?: string | null
  },
): Entry {
  const token = useAccessToken ? answer.access_token : (answer.id_token ?? null)
  // A program's own token: few providers give an ID token of it.
  const given = token ?? (at.isForService ? answer.access_token : null)
  if (given === null) {
    throw new Failure(
      'bad-token',
      'The provider issued no ID token: it does not treat this client as an OpenID client. If the cluster takes access tokens, add --oidc-use-access-token.',
    )
  }
  const exp = readClaims(given)?.['exp']
  const expiresAt =
    typeof exp === 'number'
      ? (exp - at.skewSeconds) * 1000
      : at.now + (answer.expires_in ?? unknownLifetimeSeconds) * 1000
  return {
    issuer,
    clientId,
    token: given,
    expiresAt: Math.min(expiresAt, lastMs),
    idToken: answer.id_token ?? at.idToken ?? null,
    refreshToken: answer.refresh_token ?? at.refreshToken ?? null,
  }
}
