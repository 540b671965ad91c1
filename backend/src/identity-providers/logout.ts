import { IdText } from '@hub/shared'
import * as z from 'zod'
import { AppError } from '#errors'
import { algorithms } from './id-token.ts'
import type { ProviderMetadata } from './oidc-discovery.ts'
import type { VerifiedLogoutToken } from './provider.ts'
import { checkTimes, looseTolerance, verifyJwt } from './verify-jwt.ts'

const logoutTokenSeconds = 600
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
/** What browsers and proxies still take as an address. */
const urlLengthMax = 6000

/** Amazon Cognito's endpoint answers 400 to what OpenID Connect says, and documents another name for the way back. */
const cognito = /^https:\/\/cognito-idp\.[\w-]+\.amazonaws\.com(?:\.cn)?\//

/** OpenID Connect RP-Initiated Logout 1.0 §2; an id_token too long for an address is left out. */
export function createEndSessionUrl(
  metadata: ProviderMetadata,
  clientId: string,
  options: { idToken: string | null; returnTo: string },
): URL | null {
  if (metadata.endSessionEndpoint === null) return null
  const url = new URL(metadata.endSessionEndpoint)
  url.searchParams.set('client_id', clientId)
  if (cognito.test(metadata.issuer)) {
    url.searchParams.set('logout_uri', options.returnTo)
    return url
  }
  url.searchParams.set('post_logout_redirect_uri', options.returnTo)
  if (options.idToken !== null && options.idToken.length < urlLengthMax) {
    url.searchParams.set('id_token_hint', options.idToken)
  }
  return url
}

const LogoutClaims = z.object({
  iss: z.string(),
  iat: z.number(),
  exp: z.number().optional(),
  jti: IdText.min(1),
  sub: IdText.min(1).optional(),
  sid: IdText.min(1).optional(),
  nonce: z.never('must be absent, or an id_token could end sessions').optional(),
  events: z.object({ [logoutEvent]: z.looseObject({}) }),
})

/** OpenID Connect Back-Channel Logout 1.0 §2.6. Throws `logout-token-invalid`, `provider-unavailable`. */
export async function verifyLogoutToken(
  token: string,
  options: {
    metadata: ProviderMetadata
    issuer: string
    clientId: string
    currentDate: Date
    leewaySeconds: number
  },
): Promise<VerifiedLogoutToken> {
  const { currentDate, leewaySeconds } = options
  try {
    const { payload, protectedHeader } = await verifyJwt(token, options.metadata.getKey, {
      issuer: options.issuer,
      audience: options.clientId,
      algorithms,
      clockTolerance: looseTolerance(leewaySeconds),
      currentDate,
    })
    checkTimes(payload, { currentDate, leewaySeconds, ageSecondsMax: logoutTokenSeconds })
    const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '') ?? 'jwt'
    if (type !== 'logout+jwt' && type !== 'jwt') throw new Error(`typ is ${type}`)
    const claims = LogoutClaims.parse(payload)
    if (claims.sub === undefined && claims.sid === undefined) throw new Error('no sub and no sid')
    const refusedAt = Math.min(claims.exp ?? Infinity, claims.iat + logoutTokenSeconds)
    return {
      issuer: claims.iss,
      subject: claims.sub ?? null,
      sessionId: claims.sid ?? null,
      id: `${claims.iss} ${claims.jti}`,
      expiresAt: new Date((refusedAt + leewaySeconds) * 1000),
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('logout-token-invalid', {
      detail: 'This is not a logout token that the provider has just signed for this hub.',
      cause,
    })
  }
}
