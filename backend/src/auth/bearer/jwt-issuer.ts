import type { JWTPayload } from 'jose'
import type { JwtIssuerConfig } from '#config'
import type { Logger } from '#log'
import { algorithms } from '../providers/id-token.ts'
import { verifyJwt } from '../providers/verify-jwt.ts'
import { TokenFault } from './invalid-token.ts'
import { createKeySet } from './key-set.ts'

/** What a verified access token says of its bearer. */
export type AccessToken = {
  issuer: string
  subject: string
  /** The client that it was issued to; null where the issuer names none. */
  clientId: string | null
  /** No person stands behind it: the client got it with its own credentials. */
  isProgram: boolean
  /** How Entra names a person. */
  entra: { tenantId: string; objectId: string } | null
  /** When it ends, with the leeway. */
  expiresAt: Date
}

export type JwtIssuer = {
  /** Throws TokenFault or jose's error for what is no access token for this hub; `provider-unavailable`. */
  verify(token: string): Promise<AccessToken>
}

/** Verifies the access tokens of one issuer (RFC 9068 §4, RFC 8725). */
export function createJwtIssuer(options: {
  config: JwtIssuerConfig
  leewaySeconds: number
  fetch: typeof fetch
  now: () => Date
  log: Logger
  onKeysReplaced: () => void
}): JwtIssuer {
  const { config, leewaySeconds, now } = options
  const { issuer } = config
  const keys = createKeySet({ ...options, issuer, onReplaced: options.onKeysReplaced })
  return {
    async verify(token) {
      const { payload, protectedHeader } = await verifyJwt(token, keys, {
        issuer,
        algorithms,
        clockTolerance: leewaySeconds,
        requiredClaims: ['exp', 'sub'],
        currentDate: now(),
      })
      checkType(payload, protectedHeader.typ, config.requiresAccessTokenType)
      checkAudience(payload, config.audiences)
      if (typeof payload.sub !== 'string' || payload.sub === '') throw new TokenFault('no subject')
      const clientId = readClientId(payload)
      const [tenantId, objectId] = [text(payload, 'tid'), text(payload, 'oid')]
      return {
        issuer,
        subject: payload.sub,
        clientId,
        isProgram: isProgram(payload, payload.sub, clientId),
        entra: tenantId !== null && objectId !== null ? { tenantId, objectId } : null,
        expiresAt: new Date((payload.exp! + leewaySeconds) * 1000),
      }
    },
  }
}

/**
 * RFC 8725 §3.12: what the issuer made for something else is no access token, though the signature holds. Issuers that
 * mark theirs `at+jwt` (RFC 9068 §2.1) are held to it where the configuration says so; Keycloak says `typ` in the payload.
 */
function checkType(payload: JWTPayload, typ: string | undefined, isRequired: boolean): void {
  const headerType = typ?.toLowerCase().replace(/^application\//, '')
  if (headerType !== undefined && headerType !== 'jwt' && headerType !== 'at+jwt') {
    throw new TokenFault(`it is a ${headerType}, no access token`)
  }
  if (isRequired && headerType !== 'at+jwt') throw new TokenFault('its typ is not at+jwt')
  const payloadType = text(payload, 'typ')
  if (payloadType !== null && payloadType.toLowerCase() !== 'bearer') {
    throw new TokenFault(`it is a token of type ${payloadType}, no access token`)
  }
  for (const claim of ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']) {
    if (payload[claim] !== undefined) throw new TokenFault(`it has ${claim}: no access token`)
  }
  const isDeclared =
    headerType === 'at+jwt' ||
    payloadType !== null ||
    ['scope', 'scp', 'roles'].some((claim) => payload[claim] !== undefined)
  // An id_token is for the client that asked for it, and for nobody else.
  const audiences = [payload.aud ?? []].flat()
  const { azp } = payload
  if (!isDeclared && audiences.length === 1 && azp !== undefined && audiences[0] === azp) {
    throw new TokenFault('it is for the client itself, as an id_token is')
  }
}

function checkAudience({ aud }: JWTPayload, accepted: readonly string[]): void {
  if (aud === undefined) {
    throw new TokenFault('token has no audience; add an Audience mapper')
  }
  const audiences = [aud].flat()
  if (audiences.some((audience) => accepted.includes(audience))) return
  throw new TokenFault(
    `token is for ${audiences.join(' and ').slice(0, 100)}, not for ${accepted.join(' or ')}; add an Audience mapper`,
  )
}

/**
 * Whether a client got the token with its own credentials. A token that a person got through a client names that client
 * too, and must never pass for it: so each issuer's own sign is looked for, and without one it is a person's.
 */
function isProgram(payload: JWTPayload, subject: string, clientId: string | null): boolean {
  // Issuers without clients, such as Kubernetes and CI systems, name the program as the subject.
  if (clientId === null) return true
  // RFC 9068 §2.2; Okta.
  if (subject === clientId) return true
  // Auth0
  if (payload['gty'] === 'client-credentials') return subject === `${clientId}@clients`
  // Keycloak: the claims of its scope "service_account".
  const account = `service-account-${clientId.toLowerCase()}`
  if (payload['client_id'] === clientId && payload['preferred_username'] === account) return true
  // Entra
  if (payload['idtyp'] !== undefined) return payload['idtyp'] === 'app'
  return text(payload, 'oid') === subject && payload['scp'] === undefined
}

/** `azp` of OpenID providers, `client_id` of RFC 9068, `cid` of Okta, `appid` of Entra's first version. */
function readClientId(payload: JWTPayload): string | null {
  const claims = ['azp', 'client_id', 'cid', 'appid']
  return claims.map((claim) => text(payload, claim)).find((value) => value !== null) ?? null
}

function text(payload: JWTPayload, claim: string): string | null {
  const value = payload[claim]
  return typeof value === 'string' && value !== '' ? value : null
}
