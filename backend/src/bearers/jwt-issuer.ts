import type { JWTPayload } from 'jose'
import type { JwtIssuerConfig } from '#config'
import type { Logger } from '#log'
import { algorithms, findSubjectFault, verifyJwt, type KeyDocuments } from '#identity-providers'
import { TokenFault } from './invalid-token.ts'
import { createKeySet } from './key-set.ts'
import { requireAccessToken } from './require-access-token.ts'

/** CI systems name a program by more than a person is named by. */
const nameLengthMax = 512

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
  /** Whom it is for, of those that the hub goes by. */
  audiences: readonly string[]
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
  keyDocuments?: KeyDocuments | undefined
  onKeysReplaced: () => void
  /** Whether an audience is a client that people sign in to this hub with. */
  isSignInClient: (audience: string) => boolean
}): JwtIssuer {
  const { config, leewaySeconds, now } = options
  const { issuer } = config
  const getKey = createKeySet({ ...options, issuer, onReplaced: options.onKeysReplaced })
  return {
    async verify(token) {
      const { payload, protectedHeader } = await verifyJwt(token, getKey, {
        issuer,
        algorithms,
        clockTolerance: leewaySeconds,
        requiredClaims: ['exp', 'sub'],
        currentDate: now(),
      })
      const audiences = findAudiences(payload, config.audiences)
      requireAccessToken({
        payload,
        typ: protectedHeader.typ,
        sign: config.accessTokenSign,
        isSignInClient: options.isSignInClient,
      })
      const expiresAt = new Date((payload.exp! + leewaySeconds) * 1000)
      return readAccessToken(payload, { issuer, audiences, expiresAt })
    },
  }
}

/** Whom it stands for, by what its issuer says of it. Throws TokenFault. */
export function readAccessToken(
  payload: JWTPayload,
  { audiences, expiresAt, issuer }: Pick<AccessToken, 'audiences' | 'expiresAt' | 'issuer'>,
): AccessToken {
  const fault = findSubjectFault(payload.sub, nameLengthMax)
  if (typeof payload.sub !== 'string' || fault !== null) throw new TokenFault(`its ${fault}`)
  const clientId = readClientId(payload)
  const [tenantId, objectId] = [text(payload, 'tid'), text(payload, 'oid')]
  return {
    issuer,
    subject: payload.sub,
    clientId,
    isProgram: isProgram(payload, payload.sub, clientId),
    entra: tenantId !== null && objectId !== null ? { tenantId, objectId } : null,
    audiences,
    expiresAt,
  }
}

/** Those of its audiences that are accepted. Throws TokenFault where none is. */
function findAudiences({ aud }: JWTPayload, accepted: readonly string[]): readonly string[] {
  if (aud === undefined) {
    throw new TokenFault('token has no audience; add an Audience mapper')
  }
  const audiences = [aud].flat()
  const found = audiences.filter((audience) => accepted.includes(audience))
  if (found.length === 0) throw forAnother(audiences, accepted)
  return found
}

export function forAnother(audiences: readonly string[], accepted: readonly string[]): TokenFault {
  return new TokenFault(
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
  for (const claim of ['azp', 'client_id', 'cid', 'appid']) {
    const value = payload[claim]
    if (value === undefined || value === null) continue
    // A client that cannot be read is a client still: without one, the subject would pass for a program.
    const fault = findSubjectFault(value, nameLengthMax)
    if (typeof value !== 'string' || fault !== null) {
      throw new TokenFault(`its ${claim} is not a client id: ${fault?.replace('sub', claim)}`)
    }
    return value
  }
  return null
}

function text(payload: JWTPayload, claim: string): string | null {
  const value = payload[claim]
  return typeof value === 'string' && value !== '' ? value : null
}
